using System.Globalization;
using System.Numerics;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>
/// What stands behind <c>|</c>: Jinja2's filters, with transformers' <c>tojson</c>, but for those that lay out web pages.
/// </summary>
internal static class Filters
{
    private const int UsualIndent = 4;

    private static readonly Dictionary<string, Func<object?, CallArguments, object?>> s_filters = new(StringComparer.Ordinal)
    {
        ["abs"] = (value, _) => value is double number ? Math.Abs(number) : Python.Shortest(BigInteger.Abs(Python.Whole(value))),
        ["attr"] = (value, arguments) => Members.Attribute(value, arguments.Text(0, "name")),
        ["capitalize"] = (value, _) => PythonText.Capitalize(Python.Text(value)),
        ["center"] = (value, arguments) =>
            Methods.Of(Python.Text(value), "center")!(arguments.Placed.Count > 0 ? arguments : new([80L], arguments.Named)),
        ["default"] = Default,
        ["dictsort"] = ListFilters.SortMap,
        ["escape"] = (value, _) => Escape(Python.Text(value)),
        ["float"] = ToFloat,
        ["format"] = (value, arguments) => TextFormat.Percent(Python.Text(value), new PythonList(arguments.Placed, isTuple: true)),
        ["indent"] = Indent,
        ["int"] = ToInteger,
        ["items"] = (value, _) =>
            new Generator(
                value is PythonMap map ? map.Items
                : value is Undefined ? []
                : throw new TemplateException($"{Python.KindOf(value)} has no entries.")
            ),
        ["length"] = (value, _) => Python.Length(value),
        ["list"] = (value, _) => new PythonList(Python.Items(value)),
        ["lower"] = (value, _) => PythonText.Lower(Python.Text(value)),
        ["replace"] = (value, arguments) =>
            TextParts.Replace(
                Python.Text(value),
                Python.Text(arguments.Get(0, "old")),
                Python.Text(arguments.Get(1, "new")),
                arguments.Number(2, "count", -1)
            ),
        ["round"] = Round,
        ["safe"] = (value, _) => Python.Text(value),
        ["string"] = (value, _) => Python.Text(value),
        ["striptags"] = (value, _) => WithoutTags(Python.Text(value)),
        ["title"] = (value, _) => Title(Python.Text(value)),
        ["tojson"] = ToJson,
        ["trim"] = (value, arguments) => PythonText.Strip(Python.Text(value), arguments.Get(0, "chars") as string, left: true, right: true),
        ["upper"] = (value, _) => PythonText.Upper(Python.Text(value)),
        ["wordcount"] = (value, _) => (long)TextParts.Split(Python.Text(value), CallArguments.None).Items.Count,
        ["batch"] = ListFilters.Batch,
        ["first"] = ListFilters.First,
        ["groupby"] = ListFilters.Group,
        ["join"] = ListFilters.Join,
        ["last"] = ListFilters.Last,
        ["map"] = ListFilters.Map,
        ["max"] = (value, arguments) => ListFilters.Extreme(value, arguments, 1),
        ["min"] = (value, arguments) => ListFilters.Extreme(value, arguments, -1),
        ["reject"] = (value, arguments) => ListFilters.Select(value, arguments, wanted: false),
        ["rejectattr"] = (value, arguments) => ListFilters.SelectByAttribute(value, arguments, wanted: false),
        ["reverse"] = ListFilters.Reverse,
        ["select"] = (value, arguments) => ListFilters.Select(value, arguments, wanted: true),
        ["selectattr"] = (value, arguments) => ListFilters.SelectByAttribute(value, arguments, wanted: true),
        ["slice"] = ListFilters.Slice,
        ["sort"] = ListFilters.Sort,
        ["sum"] = ListFilters.Sum,
        ["unique"] = ListFilters.Unique,
    };

    private static readonly Dictionary<string, string> s_otherNames = new(StringComparer.Ordinal)
    {
        ["count"] = "length",
        ["d"] = "default",
        ["e"] = "escape",
        ["forceescape"] = "escape",
    };

    public static bool Has(string name) => s_filters.ContainsKey(name) || s_otherNames.ContainsKey(name);

    /// <exception cref="TemplateException">There is no such filter, or the value can't go through it.</exception>
    public static object? Apply(string name, object? value, CallArguments arguments) =>
        s_filters.TryGetValue(s_otherNames.GetValueOrDefault(name, name), out var filter)
            ? filter(value, arguments)
            : throw new TemplateException($"The filter '{name}' is not known here.");

    private static object? Default(object? value, CallArguments arguments) =>
        value is Undefined || (arguments.Flag(1, "boolean") && !Python.IsTrue(value)) ? arguments.Get(0, "default_value", "") : value;

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal);

    private static string WithoutTags(string text)
    {
        for (var from = text.IndexOf('<', StringComparison.Ordinal); from >= 0; from = text.IndexOf('<', from))
        {
            var end = text.IndexOf('>', from);
            if (end < 0)
            {
                break;
            }

            text = text.Remove(from, end - from + 1);
        }

        return string.Join(' ', TextParts.Split(text, CallArguments.None).Items.Cast<string>());
    }

    /// <summary>Unlike the method of that name, it goes by white space, hyphens and opening brackets.</summary>
    private static string Title(string text)
    {
        var (title, begins) = (new System.Text.StringBuilder(text.Length), true);
        foreach (var sign in text)
        {
            title.Append(begins ? PythonText.Upper(sign.ToString()) : PythonText.Lower(sign.ToString()));
            begins = sign is '-' or '(' or '{' or '[' or '<' || PythonText.IsSpace(sign);
        }

        return title.ToString();
    }

    private static object ToFloat(object? value, CallArguments arguments)
    {
        if (Python.IsNumber(value) || value is Undefined)
        {
            return Python.Float(value);
        }

        return value is string text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : arguments.Get(0, "default", 0.0) ?? 0.0;
    }

    private static object? ToInteger(object? value, CallArguments arguments)
    {
        switch (value)
        {
            case Undefined none:
                throw none.Failure();
            case double number when double.IsFinite(number):
                return Python.Shortest(new BigInteger(number));
            case bool or long or BigInteger:
                return Python.Shortest(Python.Whole(value));
            case string text when Parse(text.Trim(), arguments.Number(1, "base", 10)) is { } whole:
                return Python.Shortest(whole);
            case string text
                when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                return Python.Shortest(new BigInteger(number));
            default:
                return arguments.Get(0, "default", 0L);
        }
    }

    private static BigInteger? Parse(string text, long radix)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (radix == 10)
        {
            return BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        if (radix != 16)
        {
            throw new TemplateException($"Numbers of the base {radix} are not read here.");
        }

        digits = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        return BigInteger.TryParse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal)
            ? hexadecimal
            : null;
    }

    private static object Round(object? value, CallArguments arguments)
    {
        var (number, places, method) = (
            Python.Float(value),
            (int)arguments.Number(0, "precision", 0),
            arguments.Text(1, "method", "common")
        );
        var factor = Math.Pow(10, places);
        return method switch
        {
            "ceil" => Math.Ceiling(number * factor) / factor,
            "floor" => Math.Floor(number * factor) / factor,
            "common" when value is not double => Python.Shortest(
                (BigInteger)(Math.Round(number * factor, MidpointRounding.ToEven) / factor)
            ),
            "common" => RoundToEven(number, places, factor),
            _ => throw new TemplateException($"Numbers are rounded by common, ceil or floor, not by '{method}'."),
        };
    }

    /// <summary>By the number's own digits, as Python does, where those are asked for: 2.675 is a little less than it looks.</summary>
    private static double RoundToEven(double number, int places, double factor) =>
        places is > 0 and <= 15
            ? double.Parse(
                number.ToString("F" + places.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture
            )
            : Math.Round(number * factor, MidpointRounding.ToEven) / factor;

    private static string Indent(object? value, CallArguments arguments)
    {
        var width = arguments.Get(0, "width", (long)UsualIndent) switch
        {
            string sign => sign,
            var number when Python.Integer(number, "The width") is var count && count <= Budget.MaximumLength => new string(
                ' ',
                (int)Math.Max(0, count)
            ),
            _ => throw new TemplateException("The chat template writes too much."),
        };
        var (first, blank) = (arguments.Flag(1, "first"), arguments.Flag(2, "blank"));
        var lines = Python.Text(value).Split('\n');
        Budget.Check((double)lines.Length * width.Length);
        return (first ? width : "")
            + string.Join('\n', lines.Select((line, i) => i == 0 || (line.Length == 0 && !blank) ? line : width + line));
    }

    private static string ToJson(object? value, CallArguments arguments)
    {
        var indent = arguments.Get(1, "indent") switch
        {
            null => null,
            string sign => sign,
            var number => new string(' ', (int)Math.Clamp(Python.Integer(number, "The indent"), 0, 100)),
        };
        IReadOnlyList<object?>? signs = arguments.Get(2, "separators") is PythonList { Items.Count: 2 } pair ? pair.Items : null;
        return PythonJson.Write(
            value,
            new(
                arguments.Flag(0, "ensure_ascii"),
                indent,
                signs is null ? null : Python.Text(signs[0]),
                signs is null ? null : Python.Text(signs[1]),
                arguments.Flag(3, "sort_keys")
            )
        );
    }
}
