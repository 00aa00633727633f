using System.Globalization;
using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>The functions that every template may call: Jinja2's own, and those that transformers puts beside them.</summary>
internal static class Globals
{
    private const long LongestRange = 100_000;

    /// <summary>A template that asks for today's date gets this one: each day would make every run another one.</summary>
    private static readonly DateTime s_today = new(2024, 7, 26, 0, 0, 0, DateTimeKind.Unspecified);

    public static IReadOnlyDictionary<string, Callable> All { get; } =
        new Dictionary<string, Callable>(StringComparer.Ordinal)
        {
            ["namespace"] = arguments => new Namespace(
                Entries(arguments).ToDictionary(entry => Python.Text(entry.Key), entry => entry.Value, StringComparer.Ordinal)
            ),
            ["dict"] = arguments => Map(Entries(arguments)),
            ["range"] = Range,
            ["raise_exception"] = arguments => throw new TemplateException(Python.Text(arguments.Get(0, "message"))),
            ["strftime_now"] = arguments => Format(arguments.Text(0, "format")),
            ["joiner"] = Joiner,
            ["cycler"] = arguments => new Cycler(arguments.Placed),
        };

    private static IEnumerable<(object? Key, object? Value)> Entries(CallArguments arguments)
    {
        var entries = arguments.Get(0, "") switch
        {
            null => [],
            PythonMap map => map.Items,
            var pairs => Python.Items(pairs).Select(pair => new PythonList(Python.Items(pair), isTuple: true)),
        };
        return entries
            .Select(entry => entry.Items is [var key, var value] ? (key, value) : throw new TemplateException("A map is made of pairs."))
            .Concat(arguments.Named.Select(entry => ((object?)entry.Key, entry.Value)));
    }

    private static PythonMap Map(IEnumerable<(object? Key, object? Value)> entries)
    {
        var map = new PythonMap();
        foreach (var (key, value) in entries)
        {
            map.Set(key, value);
        }

        return map;
    }

    private static PythonList Range(CallArguments arguments)
    {
        long[] numbers = [.. arguments.Placed.Select(value => Python.Integer(value, "A limit of range()"))];
        var (from, to, step) = numbers switch
        {
            [var only] => (0, only, 1),
            [var first, var last] => (first, last, 1),
            [var first, var last, var width] when width != 0 => (first, last, width),
            _ => throw new TemplateException("range() is called with one to three numbers, the last of which isn't 0."),
        };
        var count = Math.Max(0, Math.Ceiling(((double)to - from) / step));
        return count <= LongestRange
            ? new([.. Enumerable.Range(0, (int)count).Select(i => (object?)(from + (i * step)))])
            : throw new TemplateException($"range() has more than {LongestRange} numbers.");
    }

    private static Callable Joiner(CallArguments arguments)
    {
        var (sign, used) = (arguments.Text(0, "sep", ", "), false);
        return _ =>
        {
            var text = used ? sign : "";
            used = true;
            return text;
        };
    }

    /// <summary>As <c>strftime</c> in its English form.</summary>
    private static string Format(string format)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }

            var bare = format[at + 1] == '-' && at + 2 < format.Length;
            at += bare ? 2 : 1;
            var part = Part(format[at]);
            text.Append(bare ? WithoutZeros(part) : part);
        }

        return text.ToString();
    }

    private static string WithoutZeros(string part) => part.TrimStart('0', ' ') is { Length: > 0 } rest ? rest : "0";

    private static string Part(char code)
    {
        string Of(string format) => s_today.ToString(format, CultureInfo.InvariantCulture);
        return code switch
        {
            'Y' => Of("yyyy"),
            'y' => Of("yy"),
            'm' => Of("MM"),
            'd' => Of("dd"),
            'e' => s_today.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'B' => Of("MMMM"),
            'b' or 'h' => Of("MMM"),
            'A' => Of("dddd"),
            'a' => Of("ddd"),
            'H' => Of("HH"),
            'I' => Of("hh"),
            'M' => Of("mm"),
            'S' => Of("ss"),
            'p' => Of("tt"),
            'j' => s_today.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'F' => Of("yyyy-MM-dd"),
            'T' => Of("HH:mm:ss"),
            'D' => Of("MM/dd/yy"),
            'w' => ((int)s_today.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'Z' or 'z' => "",
            '%' => "%",
            _ => throw new TemplateException($"The date's format '%{code}' is not known here."),
        };
    }

    /// <summary>Values that are taken in turn.</summary>
    private sealed class Cycler(IReadOnlyList<object?> values) : IAttributes
    {
        private int _place;

        public bool TryGet(string name, out object? value)
        {
            value = name switch
            {
                "current" => values[_place],
                "next" => (Callable)Next,
                "reset" => (Callable)Reset,
                _ => null,
            };
            return name is "current" or "next" or "reset";
        }

        private object? Reset(CallArguments arguments)
        {
            _place = 0;
            return null;
        }

        private object? Next(CallArguments arguments)
        {
            var value = values[_place];
            _place = (_place + 1) % values.Count;
            return value;
        }
    }
}
