using System.Globalization;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>Numbers between two bounds, digit by digit: without exponent, and of so many digits that every reader takes them.</summary>
internal static class NumberGrammar
{
    /// <summary>Digits before the point.</summary>
    public const int WholeDigits = 15;

    /// <summary>Digits behind it.</summary>
    public const int FractionDigits = 12;

    /// <summary>The smallest difference between two numbers that are written.</summary>
    public const decimal Step = 0.000_000_000_001m;

    private const decimal Largest = 999_999_999_999_999m;
    private static readonly Grammar s_digit = Digit('0', '9');
    private static readonly Grammar s_anyFraction = Fraction(Grammar.Times(s_digit, 1, FractionDigits));

    /// <summary>Whole numbers.</summary>
    /// <param name="least">Bound below; null for none but that of the digits.</param>
    /// <param name="most">Bound above.</param>
    public static Grammar Integers(decimal? least, decimal? most)
    {
        var (low, high) = (Math.Ceiling(Math.Max(least ?? -Largest, -Largest)), Math.Floor(Math.Min(most ?? Largest, Largest)));
        return Grammar.Any(
            low < 0 ? Negative(Whole(Math.Max(1, -high), -low)) : Grammar.Impossible,
            high >= 0 ? Whole(Math.Max(0, low), high) : Grammar.Impossible
        );
    }

    /// <summary>Numbers with a point or without.</summary>
    /// <param name="least">As for whole numbers.</param>
    /// <param name="most">As for whole numbers.</param>
    public static Grammar Numbers(decimal? least, decimal? most)
    {
        var low = Math.Ceiling(Math.Max(least ?? -Largest, -Largest) / Step) * Step;
        var high = Math.Floor(Math.Min(most ?? Largest, Largest) / Step) * Step;
        return Grammar.Any(
            low < 0 ? Negative(Positive(Math.Max(0, -high), -low)) : Grammar.Impossible,
            high >= 0 ? Positive(Math.Max(0, low), high) : Grammar.Impossible
        );
    }

    private static Grammar Negative(Grammar number) => Grammar.All(Grammar.Text("-"), number);

    private static Grammar Positive(decimal low, decimal high)
    {
        if (low > high)
        {
            return Grammar.Impossible;
        }

        var (first, last) = (Math.Truncate(low), Math.Truncate(high));
        var (from, to) = (FractionOf(low - first), FractionOf(high - last));
        return first == last
            ? Grammar.All(Whole(first, last), BetweenFractions(from, to))
            : Grammar.Any(
                Grammar.All(Whole(first, first), from.Length == 0 ? s_anyFraction : Point(AtLeast(from, FractionDigits))),
                Grammar.All(Whole(first + 1, last - 1), s_anyFraction),
                Grammar.All(Whole(last, last), AtMost(to))
            );
    }

    /// <summary>Without leading zeros, each length on its own.</summary>
    private static Grammar Whole(decimal low, decimal high)
    {
        var options = new List<Grammar>();
        for (var (begin, digits) = (0m, 1); begin <= high; begin = (decimal)Math.Pow(10, digits++))
        {
            var end = (decimal)Math.Pow(10, digits) - 1;
            var (from, to) = (Math.Max(low, begin), Math.Min(high, end));
            if (from <= to)
            {
                options.Add(OfOneLength(Digits(from), Digits(to)));
            }
        }

        return Grammar.Any(options);
    }

    private static Grammar OfOneLength(string low, string high)
    {
        if (low.Length == 0)
        {
            return Grammar.Nothing;
        }

        if (low.All(digit => digit == '0') && high.All(digit => digit == '9'))
        {
            return Grammar.Times(s_digit, low.Length, low.Length);
        }

        var (first, last, rest) = (low[0], high[0], low.Length - 1);
        return first == last
            ? Grammar.All(Digit(first, first), OfOneLength(low[1..], high[1..]))
            : Grammar.Any(
                Grammar.All(Digit(first, first), OfOneLength(low[1..], new string('9', rest))),
                Grammar.All(Digit((char)(first + 1), (char)(last - 1)), Grammar.Times(s_digit, rest, rest)),
                Grammar.All(Digit(last, last), OfOneLength(new string('0', rest), high[1..]))
            );
    }

    /// <summary>Nothing, or a point and what follows.</summary>
    private static Grammar Fraction(Grammar digits) => Grammar.Optional(Point(digits));

    private static Grammar Point(Grammar digits) => Grammar.All(Grammar.Text("."), digits);

    /// <summary>Digits behind a point of a number whose whole part is the same as that of both bounds.</summary>
    private static Grammar BetweenFractions(string low, string high) =>
        low.Length == 0 ? AtMost(high)
        : high.Length == 0 ? Grammar.Impossible
        : Point(BetweenDigits(low, high, FractionDigits));

    private static Grammar BetweenDigits(string low, string high, int room)
    {
        var (first, last) = (low[0], high[0]);
        if (first != last)
        {
            return Grammar.Any(
                Grammar.All(Digit(first, first), AtLeast(low[1..], room - 1)),
                Grammar.All(Digit((char)(first + 1), (char)(last - 1)), Grammar.Times(s_digit, 0, room - 1)),
                Grammar.All(Digit(last, last), EndOrAtMost(high[1..], room - 1))
            );
        }

        var rest =
            low.Length == 1 ? EndOrAtMost(high[1..], room - 1)
            : high.Length == 1 ? Grammar.Impossible
            : BetweenDigits(low[1..], high[1..], room - 1);
        return Grammar.All(Digit(first, first), rest);
    }

    private static Grammar AtLeast(string low, int room) =>
        low.Length == 0
            ? Grammar.Times(s_digit, 0, room)
            : Grammar.Any(
                Grammar.All(Digit(low[0], low[0]), AtLeast(low[1..], room - 1)),
                Grammar.All(Digit((char)(low[0] + 1), '9'), Grammar.Times(s_digit, 0, room - 1))
            );

    private static Grammar AtMost(string high) => high.Length == 0 ? Grammar.Nothing : Fraction(DigitsAtMost(high, FractionDigits));

    private static Grammar EndOrAtMost(string high, int room) =>
        high.Length == 0 ? Grammar.Nothing : Grammar.Optional(DigitsAtMost(high, room));

    private static Grammar DigitsAtMost(string high, int room) =>
        Grammar.Any(
            Grammar.All(Digit(high[0], high[0]), EndOrAtMost(high[1..], room - 1)),
            Grammar.All(Digit('0', (char)(high[0] - 1)), Grammar.Times(s_digit, 0, room - 1))
        );

    private static Grammar Digit(char first, char last) => first > last ? Grammar.Impossible : Grammar.Between((byte)first, (byte)last);

    private static string Digits(decimal value) => value.ToString("0", CultureInfo.InvariantCulture);

    /// <returns>Digits behind the point, without zeros at the end.</returns>
    private static string FractionOf(decimal part) =>
        part == 0 ? "" : part.ToString("0.000000000000", CultureInfo.InvariantCulture)[2..].TrimEnd('0');
}
