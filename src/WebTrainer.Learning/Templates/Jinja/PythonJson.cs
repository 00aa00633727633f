using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>How Python's <c>json.dumps</c> writes a value.</summary>
/// <param name="AsciiOnly">Other characters are written as <c>\u</c> escapes.</param>
/// <param name="Indent">Null for one line; a template may also give the text to indent with.</param>
/// <param name="ItemSign">Between items; null for Python's own.</param>
/// <param name="KeySign">Between key and value; null for Python's own.</param>
/// <param name="Sorted">Keys in their order instead of as they were put in.</param>
internal sealed record JsonStyle(
    bool AsciiOnly = false,
    string? Indent = null,
    string? ItemSign = null,
    string? KeySign = null,
    bool Sorted = false
);

/// <summary>JSON as values, and values as JSON.</summary>
internal static class PythonJson
{
    /// <summary>Numbers with a point or an exponent are floats, as Python reads them.</summary>
    public static object? Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new PythonMap();
                foreach (var property in element.EnumerateObject())
                {
                    map.Set(property.Name, Read(property.Value));
                }

                return map;
            case JsonValueKind.Array:
                return new PythonList([.. element.EnumerateArray().Select(Read)]);
            case JsonValueKind.String:
                return element.GetString();
            case JsonValueKind.Number:
                return ReadNumber(element.GetRawText());
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                return null;
        }
    }

    /// <exception cref="TemplateException">The value is none that JSON has.</exception>
    public static string Write(object? value, JsonStyle style)
    {
        var text = new StringBuilder();
        Write(text, value, style, 0);
        return text.ToString();
    }

    private static object ReadNumber(string text)
    {
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
        {
            return double.Parse(text, CultureInfo.InvariantCulture);
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? (object)number
            : BigInteger.Parse(text, CultureInfo.InvariantCulture);
    }

    private static void Write(StringBuilder text, object? value, JsonStyle style, int depth)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case long or BigInteger:
                text.Append(Python.Written(value));
                break;
            case double number:
                text.Append(
                    double.IsNaN(number) ? "NaN"
                    : double.IsInfinity(number)
                        ? number > 0 ? "Infinity"
                            : "-Infinity"
                    : Python.FloatText(number)
                );
                break;
            case string written:
                WriteText(text, written, style.AsciiOnly);
                break;
            case PythonList list:
                WriteItems(
                    text,
                    '[',
                    ']',
                    [.. list.Items.Select(item => (Action)(() => Write(text, item, style, depth + 1)))],
                    style,
                    depth
                );
                break;
            case PythonMap map:
                WriteMap(text, map, style, depth);
                break;
            case Undefined none:
                throw none.Failure();
            default:
                throw new TemplateException($"{Python.KindOf(value)} can't be written as JSON.");
        }
    }

    private static void WriteMap(StringBuilder text, PythonMap map, JsonStyle style, int depth)
    {
        var entries = map.Items.ToList();
        if (style.Sorted)
        {
            entries.Sort((left, right) => Python.Compare(left.Items[0], right.Items[0]));
        }

        WriteItems(
            text,
            '{',
            '}',
            [
                .. entries.Select(entry =>
                    (Action)(
                        () =>
                        {
                            WriteText(text, KeyText(entry.Items[0]), style.AsciiOnly);
                            text.Append(style.KeySign ?? ": ");
                            Write(text, entry.Items[1], style, depth + 1);
                        }
                    )
                ),
            ],
            style,
            depth
        );
    }

    private static string KeyText(object? key) =>
        key switch
        {
            string text => text,
            null => "null",
            bool flag => flag ? "true" : "false",
            _ => Python.Written(key),
        };

    private static void WriteItems(StringBuilder text, char open, char close, List<Action> items, JsonStyle style, int depth)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            // Lines of their own have no space behind the sign.
            text.Append(i == 0 ? "" : style.ItemSign ?? (style.Indent is null ? ", " : ","));
            NewLine(text, style, depth + 1);
            items[i]();
        }

        if (items.Count > 0)
        {
            NewLine(text, style, depth);
        }

        text.Append(close);
    }

    private static void NewLine(StringBuilder text, JsonStyle style, int depth)
    {
        if (style.Indent is { } indent)
        {
            text.Append('\n').Insert(text.Length, indent, depth);
        }
    }

    private static void WriteText(StringBuilder text, string value, bool asciiOnly)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                '\b' => text.Append(@"\b"),
                '\f' => text.Append(@"\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                > '~' when asciiOnly => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }
}
