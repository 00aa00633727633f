using System.Buffers.Binary;
using System.Text;

namespace WebTrainer.Tests.Circuits;

/// <summary>An attribute that a circuit sent: its text, or the number under which the browser reports an event.</summary>
/// <param name="Element">Place of the element among the batch's frames; −1 for a component's parameter and where an older element's
/// attribute is set anew.</param>
/// <param name="EventHandler">Zero for an attribute that is no event.</param>
internal sealed record SentAttribute(int Element, string Name, string? Value, ulong EventHandler);

/// <summary>
/// What a plain client wants to know of the binary batches in which a circuit describes changes of a page: attributes and texts.
/// </summary>
/// <remarks>
/// The layout is that of ASP.NET Core's <c>RenderBatchWriter</c>: sections, then five offsets at the end. Frames have 20 bytes each: type,
/// then fields by type; a text is a place in the table of strings, whose entries point at length-prefixed UTF-8.
/// </remarks>
internal sealed class RenderBatch
{
    private const int FrameBytes = 20;
    private const int Element = 1;
    private const int Text = 2;
    private const int Attribute = 3;
    private const int Markup = 8;
    private readonly byte[] _data;
    private readonly int _strings;

    public RenderBatch(byte[] data)
    {
        _data = data;
        _strings = Int32(data.Length - 4);
        var frames = Int32(data.Length - 16);
        var (attributes, texts, element) = (new List<SentAttribute>(), new List<string>(), -1);
        for (var i = 0; i < Int32(frames); i++)
        {
            var at = frames + 4 + (i * FrameBytes);
            var type = Int32(at);
            // An element's attributes follow it directly; anything else ends them.
            element = type switch
            {
                Element => i,
                Attribute => element,
                _ => -1,
            };
            if (type == Attribute)
            {
                attributes.Add(
                    new SentAttribute(
                        element,
                        String(Int32(at + 4)) ?? "",
                        String(Int32(at + 8)),
                        BinaryPrimitives.ReadUInt64LittleEndian(_data.AsSpan(at + 12))
                    )
                );
            }
            else if (type is Text or Markup && String(Int32(at + 4)) is { } text)
            {
                texts.Add(text);
            }
        }

        (Attributes, Texts) = (attributes, texts);
    }

    public IReadOnlyList<SentAttribute> Attributes { get; }

    public IReadOnlyList<string> Texts { get; }

    /// <summary>
    /// The number of an element's event, the element being known by another of its attributes; null if it was not sent whole.
    /// </summary>
    public ulong? EventOf(string attribute, string value, string eventName)
    {
        // Components' parameters have names and texts too; only elements have events.
        var element = Attributes.FirstOrDefault(a => a.Element >= 0 && a.Name == attribute && a.Value == value)?.Element;
        return element is null
            ? null
            : Attributes.FirstOrDefault(a => a.Element == element && a.Name == eventName && a.EventHandler > 0)?.EventHandler;
    }

    private int Int32(int at) => BinaryPrimitives.ReadInt32LittleEndian(_data.AsSpan(at));

    private string? String(int place)
    {
        if (place < 0)
        {
            return null;
        }

        var at = Int32(_strings + (4 * place));
        var (length, shift) = (0, 0);
        byte part;
        do
        {
            part = _data[at++];
            length |= (part & 0x7f) << shift;
            shift += 7;
        } while (part >= 0x80);
        return Encoding.UTF8.GetString(_data, at, length);
    }
}
