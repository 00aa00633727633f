using System.Text;
using DocumentFormat.OpenXml;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>
/// The text of one paragraph: without what was deleted, hidden or is the code of a field; tabs and breaks as white space, notes where they
/// are referred to.
/// </summary>
/// <param name="note">Gives the text of a note by its kind and id.</param>
internal sealed class WordLine(Func<string, string, string> note)
{
    private readonly StringBuilder _text = new();

    /// <summary>Fields that are open; true where their code is read and not yet what they show.</summary>
    private readonly Stack<bool> _fields = new();

    public string Text => _text.ToString();

    public int PageBreaks { get; private set; }

    /// <summary>Text boxes that hang on the paragraph.</summary>
    public List<OpenXmlElement> Boxes { get; } = [];

    public void Read(OpenXmlElement parent)
    {
        foreach (var child in parent.ChildElements)
        {
            Add(child);
        }
    }

    /// <summary>Of the same thing told to newer and older programs, the telling to newer ones.</summary>
    public static OpenXmlElement? Shown(OpenXmlElement alternatives) =>
        alternatives.ChildElements.OrderBy(choice => choice.LocalName != "Choice").FirstOrDefault();

    public static string? Attribute(OpenXmlElement element, string name) =>
        element.GetAttributes().Where(attribute => attribute.LocalName == name).Select(attribute => attribute.Value).FirstOrDefault();

    private void Add(OpenXmlElement element)
    {
        switch (element.LocalName)
        {
            case "pPr" or "rPr" or "del" or "moveFrom" or "delText" or "instrText" or "rt":
                break;
            case "r" when IsHidden(element):
                break;
            case "fldChar":
                Turn(Attribute(element, "fldCharType"));
                break;
            case "txbxContent":
                Boxes.Add(element);
                break;
            case "AlternateContent":
                if (Shown(element) is { } shown)
                {
                    Read(shown);
                }

                break;
            case var name when Sign(name, element) is { } sign:
                if (!_fields.Contains(true))
                {
                    _text.Append(sign);
                }

                break;
            default:
                Read(element);
                break;
        }
    }

    private string? Sign(string name, OpenXmlElement element)
    {
        var isPage = name == "lastRenderedPageBreak" || name == "br" && Attribute(element, "type") == "page";
        if (isPage)
        {
            PageBreaks++;
        }

        return name switch
        {
            "t" => element.InnerText,
            "tab" or "ptab" => "\t",
            "br" or "cr" => "\n",
            "lastRenderedPageBreak" or "softHyphen" => "",
            "noBreakHyphen" => "\u2011",
            "footnoteReference" or "endnoteReference" => note(name, Attribute(element, "id") ?? "") is { Length: > 0 } text
                ? $" [{text}]"
                : "",
            _ => null,
        };
    }

    /// <summary>A field begins with its code, and shows what stands behind that.</summary>
    private void Turn(string? to)
    {
        if (to == "begin")
        {
            _fields.Push(true);
        }
        else if (_fields.TryPop(out _) && to == "separate")
        {
            _fields.Push(false);
        }
    }

    private static bool IsHidden(OpenXmlElement run) =>
        run
            .ChildElements.FirstOrDefault(child => child.LocalName == "rPr")
            ?.ChildElements.FirstOrDefault(child => child.LocalName == "vanish")
            is { } vanish
        && Attribute(vanish, "val") is not ("0" or "false" or "off");
}
