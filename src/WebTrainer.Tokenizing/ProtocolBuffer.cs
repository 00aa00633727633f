using System.Buffers.Binary;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>One field of a protocol buffer message.</summary>
/// <param name="Number">Of a whole number its value, of a float its bits.</param>
/// <param name="Bytes">Of a text or a message within; empty for others.</param>
internal readonly record struct BufferField(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public float Float => BitConverter.UInt32BitsToSingle((uint)Number);
}

/// <summary>Reads the fields of a protocol buffer message, in order.</summary>
internal static class ProtocolBuffer
{
    private const int LongestNumber = 10;

    /// <exception cref="ModelFileException">The bytes are no message.</exception>
    public static IEnumerable<BufferField> Fields(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length; )
        {
            var tag = Number(message.Span, ref at);
            if (tag >> 3 is 0 or > int.MaxValue)
            {
                throw Broken();
            }

            yield return Read((int)(tag >> 3), (int)(tag & 7), message, ref at);
        }
    }

    private static BufferField Read(int field, int kind, ReadOnlyMemory<byte> message, ref int at)
    {
        switch (kind)
        {
            case 0:
                return new(field, Number(message.Span, ref at), default);
            case 1:
                return new(field, BinaryPrimitives.ReadUInt64LittleEndian(Take(message, 8, ref at).Span), default);
            case 2:
                return new(field, 0, Take(message, Number(message.Span, ref at), ref at));
            case 5:
                return new(field, BinaryPrimitives.ReadUInt32LittleEndian(Take(message, 4, ref at).Span), default);
            default:
                throw Broken();
        }
    }

    private static ulong Number(ReadOnlySpan<byte> message, ref int at)
    {
        var number = 0UL;
        for (var i = 0; i < LongestNumber; i++)
        {
            if (at == message.Length)
            {
                throw Broken();
            }

            var next = message[at++];
            number |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return number;
            }
        }

        throw Broken();
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> message, ulong length, ref int at)
    {
        if (length > (ulong)(message.Length - at))
        {
            throw Broken();
        }

        var taken = message.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }

    private static ModelFileException Broken() => new("tokenizer.model is no SentencePiece model: its fields can't be read.");
}
