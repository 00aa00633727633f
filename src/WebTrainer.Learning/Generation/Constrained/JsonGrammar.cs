using System.Text.Encodings.Web;
using System.Text.Json;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// JSON (RFC 8259) as it is written here: a space may stand behind a colon and a comma, other white space nowhere between the parts,
/// since small models don't find out of it.
/// </summary>
internal static class JsonGrammar
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Grammar s_quote = Grammar.Text("\"");
    private static readonly Grammar s_space = Grammar.Optional(Grammar.Text(" "));
    private static readonly Grammar s_character = Grammar.Any(Plain(), Escaped());

    /// <summary>Between a name and its value.</summary>
    public static Grammar Colon { get; } = Grammar.All(Grammar.Text(":"), s_space);

    /// <summary>Between two values.</summary>
    public static Grammar Comma { get; } = Grammar.All(Grammar.Text(","), s_space);

    /// <summary>Any text.</summary>
    public static Grammar AnyText { get; } = Text(0, null);

    /// <param name="least">Characters (Unicode code points) at least.</param>
    /// <param name="most">At most; null for any number.</param>
    public static Grammar Text(int least, int? most) => Grammar.All(s_quote, Grammar.Times(s_character, least, most), s_quote);

    /// <summary>This value and no other, without white space.</summary>
    public static Grammar Constant(JsonElement value) => Grammar.Text(JsonSerializer.Serialize(value, s_plain));

    /// <summary>The name of a property.</summary>
    public static Grammar Name(string name) => Grammar.Text(JsonSerializer.Serialize(name, s_plain));

    public static Grammar Array(Grammar item, int least, int? most)
    {
        var more = Grammar.Times(Grammar.All(Comma, item), Math.Max(0, least - 1), most - 1);
        var items = most == 0 ? Grammar.Impossible : Grammar.All(item, more);
        return Grammar.All(Grammar.Text("["), least == 0 ? Grammar.Optional(items) : items, Grammar.Text("]"));
    }

    /// <summary>An object of any names.</summary>
    public static Grammar Map(Grammar value)
    {
        var member = Grammar.All(AnyText, Colon, value);
        return Grammar.All(
            Grammar.Text("{"),
            Grammar.Optional(Grammar.All(member, Grammar.Times(Grammar.All(Comma, member), 0))),
            Grammar.Text("}")
        );
    }

    /// <summary>Unescaped characters as well-formed UTF-8 (table 3-7 of the Unicode standard): no controls, quotes, backslashes.</summary>
    private static Grammar Plain()
    {
        var next = Grammar.Between(0x80, 0xBF);
        return Grammar.Any(
            new ByteSet([
                .. Enumerable.Range(0x20, 0x60).Select(value => (byte)value).Where(value => value is not ((byte)'"' or (byte)'\\')),
            ]),
            Grammar.All(Grammar.Between(0xC2, 0xDF), next),
            Grammar.All(Grammar.Bytes(0xE0), Grammar.Between(0xA0, 0xBF), next),
            Grammar.All(Grammar.Between(0xE1, 0xEC), next, next),
            Grammar.All(Grammar.Bytes(0xED), Grammar.Between(0x80, 0x9F), next),
            Grammar.All(Grammar.Between(0xEE, 0xEF), next, next),
            Grammar.All(Grammar.Bytes(0xF0), Grammar.Between(0x90, 0xBF), next, next),
            Grammar.All(Grammar.Between(0xF1, 0xF3), next, next, next),
            Grammar.All(Grammar.Bytes(0xF4), Grammar.Between(0x80, 0x8F), next, next)
        );
    }

    /// <summary>Escapes; of surrogates only pairs, which are one character.</summary>
    private static Grammar Escaped()
    {
        static Grammar OneOf(string characters) => new ByteSet([.. characters.Select(character => (byte)character)]);
        var hex = OneOf("0123456789abcdefABCDEF");
        var d = OneOf("dD");
        return Grammar.All(
            Grammar.Text("\\"),
            Grammar.Any(
                OneOf("\"\\/bfnrt"),
                Grammar.All(Grammar.Text("u"), OneOf("0123456789abcefABCEF"), hex, hex, hex),
                Grammar.All(Grammar.Text("u"), d, OneOf("01234567"), hex, hex),
                Grammar.All(Grammar.Text("u"), d, OneOf("89abAB"), hex, hex, Grammar.Text("\\u"), d, OneOf("cdefCDEF"), hex, hex)
            )
        );
    }
}
