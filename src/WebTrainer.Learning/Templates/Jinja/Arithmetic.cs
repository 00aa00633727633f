using System.Numerics;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>Python's operators on numbers, texts and lists.</summary>
internal static class Arithmetic
{
    private const int MaximumPower = 4096;

    public static object? Apply(string sign, object? left, object? right)
    {
        if ((left as Undefined ?? right as Undefined) is { } none)
        {
            throw none.Failure();
        }

        switch (sign)
        {
            case "+" when (left, right) is (string first, string second):
                Budget.Check((double)first.Length + second.Length);
                return first + second;
            case "+" when (left, right) is (PythonList first, PythonList second) && first.IsTuple == second.IsTuple:
                Budget.Check((double)first.Items.Count + second.Items.Count);
                return new PythonList([.. first.Items, .. second.Items], first.IsTuple);
            case "*" when left is string or PythonList && right is long or bool:
                return Repeated(left, Python.Integer(right, "A number"));
            case "*" when right is string or PythonList && left is long or bool:
                return Repeated(right, Python.Integer(left, "A number"));
            case "%" when left is string text:
                return TextFormat.Percent(text, right);
        }

        if (!Python.IsNumber(left) || !Python.IsNumber(right))
        {
            throw new TemplateException($"'{sign}' stands between {Python.KindOf(left)} and {Python.KindOf(right)}.");
        }

        return left is double || right is double || sign == "/"
            ? Float(sign, Python.Float(left), Python.Float(right))
            : Whole(sign, Python.Whole(left), Python.Whole(right));
    }

    public static object Signed(string sign, object? value) =>
        value switch
        {
            Undefined none => throw none.Failure(),
            double number => sign == "-" ? -number : number,
            _ => Python.Shortest(sign == "-" ? -Python.Whole(value) : Python.Whole(value)),
        };

    private static object Float(string sign, double left, double right)
    {
        if (right == 0 && sign is "/" or "//" or "%")
        {
            throw new TemplateException("A number is divided by 0.");
        }

        return sign switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "//" => Math.Floor(left / right),
            "%" => left - (Math.Floor(left / right) * right),
            _ => Math.Pow(left, right),
        };
    }

    private static object Whole(string sign, BigInteger left, BigInteger right)
    {
        if (right.IsZero && sign is "//" or "%" && right.IsZero)
        {
            throw new TemplateException("A number is divided by 0.");
        }

        Budget.Check(left.GetBitLength() > Budget.MaximumLength ? double.MaxValue : 0);
        return sign switch
        {
            "+" => Python.Shortest(left + right),
            "-" => Python.Shortest(left - right),
            "*" => Python.Shortest(left * right),
            "//" => Python.Shortest(Floor(left, right)),
            "%" => Python.Shortest(left - (Floor(left, right) * right)),
            _ when right.Sign < 0 => Math.Pow((double)left, (double)right),
            _ when right <= MaximumPower && left.GetBitLength() <= MaximumPower => Python.Shortest(BigInteger.Pow(left, (int)right)),
            _ => throw new TemplateException("A power is too large."),
        };
    }

    private static BigInteger Floor(BigInteger left, BigInteger right)
    {
        var quotient = BigInteger.DivRem(left, right, out var rest);
        return !rest.IsZero && rest.Sign != right.Sign ? quotient - 1 : quotient;
    }

    private static object Repeated(object? value, long times)
    {
        times = Math.Max(0, times);
        if (value is string text)
        {
            Budget.Check((double)text.Length * times);
            return string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : (int)times));
        }

        var list = (PythonList)value!;
        Budget.Check((double)list.Items.Count * times);
        return new PythonList(
            [.. Enumerable.Repeat(list.Items, list.Items.Count == 0 ? 0 : (int)times).SelectMany(items => items)],
            list.IsTuple
        );
    }
}
