using System.Globalization;
using System.Numerics;
using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>What Python makes of values: truth, equality, order, items, and how each is written.</summary>
internal static class Python
{
    public static bool IsTrue(object? value) =>
        value switch
        {
            null or Undefined => false,
            bool flag => flag,
            long number => number != 0,
            BigInteger number => !number.IsZero,
            double number => number != 0,
            string text => text.Length > 0,
            PythonList list => list.Items.Count > 0,
            PythonMap map => map.Count > 0,
            MapView view => view.Items.Count > 0,
            _ => true,
        };

    public static bool AreEqual(object? left, object? right)
    {
        if (IsNumber(left) && IsNumber(right))
        {
            return left is double || right is double ? Float(left) == Float(right) : Whole(left) == Whole(right);
        }

        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string first, string second) => string.Equals(first, second, StringComparison.Ordinal),
            (MapView first, MapView second) => AreEqual(new PythonList(first.Items), new PythonList(second.Items)),
            (PythonList first, PythonList second) => first.IsTuple == second.IsTuple
                && first.Items.Count == second.Items.Count
                && first.Items.Zip(second.Items).All(pair => AreEqual(pair.First, pair.Second)),
            (PythonMap first, PythonMap second) => first.Count == second.Count
                && first.Items.All(entry => second.TryGet(entry.Items[0], out var other) && AreEqual(entry.Items[1], other)),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <exception cref="TemplateException">They have no order.</exception>
    public static int Compare(object? left, object? right)
    {
        if (IsNumber(left) && IsNumber(right))
        {
            return left is double || right is double ? Float(left).CompareTo(Float(right)) : Whole(left).CompareTo(Whole(right));
        }

        switch (left, right)
        {
            case (string first, string second):
                return PythonText.Compare(first, second);
            case (PythonList first, PythonList second) when first.IsTuple == second.IsTuple:
                var differing = first.Items.Zip(second.Items).FirstOrDefault(pair => !AreEqual(pair.First, pair.Second), (null, null));
                return differing == (null, null)
                    ? first.Items.Count.CompareTo(second.Items.Count)
                    : Compare(differing.Item1, differing.Item2);
            case (Undefined none, _):
                throw none.Failure();
            case (_, Undefined none):
                throw none.Failure();
            default:
                throw new TemplateException($"{KindOf(left)} and {KindOf(right)} have no order.");
        }
    }

    public static bool IsNumber(object? value) => value is long or double or bool or BigInteger;

    public static double Float(object? value) =>
        value switch
        {
            double number => number,
            long number => number,
            bool flag => flag ? 1 : 0,
            BigInteger number => (double)number,
            Undefined none => throw none.Failure(),
            _ => throw new TemplateException($"{KindOf(value)} is no number."),
        };

    public static BigInteger Whole(object? value) =>
        value switch
        {
            long number => number,
            bool flag => flag ? 1 : 0,
            BigInteger number => number,
            _ => throw new TemplateException($"{KindOf(value)} is no whole number."),
        };

    public static object Shortest(BigInteger number) => number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;

    /// <param name="value">A whole number or a truth value, which counts 0 or 1.</param>
    /// <param name="what">Begins the sentence of an error.</param>
    public static long Integer(object? value, string what) =>
        value switch
        {
            long number => number,
            bool flag => flag ? 1 : 0,
            _ => throw new TemplateException($"{what} must be a whole number."),
        };

    public static string KindOf(object? value) =>
        value switch
        {
            null => "none",
            bool => "a truth value",
            long or BigInteger => "a whole number",
            double => "a number",
            string => "a text",
            PythonList { IsTuple: true } => "a tuple",
            PythonList => "a list",
            PythonMap => "a map",
            Undefined => "what isn't there",
            Callable => "a function",
            _ => "an object",
        };

    /// <summary>What a loop goes over.</summary>
    /// <exception cref="TemplateException">It has no items.</exception>
    public static IReadOnlyList<object?> Items(object? value) =>
        value switch
        {
            PythonList list => list.Items,
            string text => [.. PythonText.Characters(text)],
            PythonMap map => [.. map.Keys],
            MapView view => view.Items,
            Generator generator => generator.Take(),
            Undefined => [],
            _ => throw new TemplateException($"{KindOf(value)} has no items."),
        };

    public static long Length(object? value) =>
        value switch
        {
            string text => PythonText.Length(text),
            PythonList list => list.Items.Count,
            PythonMap map => map.Count,
            MapView view => view.Items.Count,
            Undefined => 0,
            _ => throw new TemplateException($"{KindOf(value)} has no length."),
        };

    public static bool Contains(object? container, object? value) =>
        container switch
        {
            string text => value is string part
                ? text.Contains(part, StringComparison.Ordinal)
                : throw new TemplateException($"Only a text can be in a text, not {KindOf(value)}."),
            PythonMap map => map.TryGet(value, out _),
            _ => Items(container).Any(item => AreEqual(item, value)),
        };

    /// <summary>As <c>str()</c>.</summary>
    public static string Text(object? value) =>
        value switch
        {
            string text => text,
            Undefined => "",
            _ => Written(value),
        };

    /// <summary>As <c>repr()</c>.</summary>
    public static string Written(object? value)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return value switch
        {
            null => "None",
            bool flag => flag ? "True" : "False",
            long number => number.ToString(CultureInfo.InvariantCulture),
            BigInteger number => number.ToString(CultureInfo.InvariantCulture),
            double number => FloatText(number),
            string text => PythonText.Quoted(text),
            PythonList list => ListText(list),
            PythonMap map => "{"
                + string.Join(", ", map.Items.Select(entry => $"{Written(entry.Items[0])}: {Written(entry.Items[1])}"))
                + "}",
            MapView view => $"dict_{view.Kind}({Written(new PythonList(view.Items))})",
            Undefined => "Undefined",
            Namespace space => "<Namespace {"
                + string.Join(", ", space.Values.Select(entry => $"{PythonText.Quoted(entry.Key)}: {Written(entry.Value)}"))
                + "}>",
            _ => throw new TemplateException("A function or a loop can't be written as text."),
        };
    }

    /// <summary>The shortest digits that are read as this number again; as a power of ten from 10¹⁶ and below 10⁻⁴.</summary>
    public static string FloatText(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan"
                : number > 0 ? "inf"
                : "-inf";
        }

        var scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
        var (sign, digits, power) = Digits(shortest);
        if (number != 0 && exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{sign}{digits[0]}{fraction}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}"
            );
        }

        var whole = power >= 0 ? digits.PadRight(power + 1, '0')[..(power + 1)] : "0";
        var rest = power >= 0 ? digits.PadRight(power + 1, '0')[(power + 1)..] : new string('0', -power - 1) + digits;
        return $"{sign}{whole}.{(rest.Length == 0 ? "0" : rest)}";
    }

    /// <summary>Sign, digits without zeros at their ends, and the power of ten of the first.</summary>
    private static (string Sign, string Digits, int Power) Digits(string number)
    {
        var sign = number[0] == '-' ? "-" : "";
        var parts = number[sign.Length..].Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? parts[0] : parts[0][..point];
        var all = whole + (point < 0 ? "" : parts[0][(point + 1)..]);
        var digits = all.TrimStart('0');
        var power =
            whole.Length - 1 - (all.Length - digits.Length) + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? (sign, "0", 0) : (sign, digits, power);
    }

    private static string ListText(PythonList list)
    {
        var text = new StringBuilder(list.IsTuple ? "(" : "[");
        text.AppendJoin(", ", list.Items.Select(Written));
        return text.Append(
                list.IsTuple
                    ? list.Items.Count == 1
                        ? ",)"
                        : ")"
                    : "]"
            )
            .ToString();
    }
}
