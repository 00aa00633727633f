using MathNet.Numerics;

namespace WebTrainer.Drift;

/// <summary>Whether categories have the same shares in two samples: Pearson's χ² of a table of two rows, without Yates'
/// correction.</summary>
public static class ChiSquare
{
    /// <summary>Where fewer rows of a category are to be expected on either side, the distribution of χ² is not to be trusted (Cochran,
    /// Biometrics 10, 1954).</summary>
    public const double LeastExpected = 5;

    /// <summary>The category that rare ones are counted as.</summary>
    private const int Others = -1;

    /// <summary>As many degrees of freedom as categories less one; what only one side has counts too.</summary>
    /// <param name="reference">At least one; equal values are one category.</param>
    /// <param name="current">At least one.</param>
    /// <returns>Statistic χ², 0 or more; of a single category 0 with p = 1.</returns>
    /// <exception cref="NotComparableException">A side is empty.</exception>
    public static TestResult Test<T>(IReadOnlyList<T> reference, IReadOnlyList<T> current)
        where T : notnull
    {
        Samples.RequireSome(reference, "reference");
        Samples.RequireSome(current, "window");
        return Test(Table(reference, current), reference.Count, current.Count);
    }

    /// <summary>The same after all categories of which fewer than <see cref="LeastExpected"/> rows are to be expected on a side have
    /// become one.</summary>
    /// <inheritdoc cref="Test{T}(IReadOnlyList{T}, IReadOnlyList{T})"/>
    public static TestResult TestOfFrequent<T>(IReadOnlyList<T> reference, IReadOnlyList<T> current)
        where T : notnull
    {
        Samples.RequireSome(reference, "reference");
        Samples.RequireSome(current, "window");
        var smaller = (double)Math.Min(reference.Count, current.Count) / (reference.Count + current.Count);
        var pooled = Table(reference, current)
            .Select((cell, i) => (Cell: cell, Of: (cell.Reference + cell.Current) * smaller < LeastExpected ? Others : i))
            .GroupBy(pair => pair.Of, pair => pair.Cell)
            .Select(cells => (cells.Sum(cell => cell.Reference), cells.Sum(cell => cell.Current)));
        return Test([.. pooled], reference.Count, current.Count);
    }

    private static (int Reference, int Current)[] Table<T>(IReadOnlyList<T> reference, IReadOnlyList<T> current)
        where T : notnull
    {
        var now = current.CountBy(value => value).ToDictionary();
        var old = reference.CountBy(value => value).ToDictionary();
        return [.. old.Keys.Union(now.Keys).Select(key => (old.GetValueOrDefault(key), now.GetValueOrDefault(key)))];
    }

    private static TestResult Test((int Reference, int Current)[] table, double reference, double current)
    {
        var statistic = 0.0;
        foreach (var (old, now) in table)
        {
            var (expectedOld, expectedNow) = (
                (old + now) * reference / (reference + current),
                (old + now) * current / (reference + current)
            );
            statistic += Square(old - expectedOld) / expectedOld;
            statistic += Square(now - expectedNow) / expectedNow;
        }

        return table.Length < 2
            ? new(0, 1)
            : new(statistic, SpecialFunctions.GammaUpperRegularized((table.Length - 1) / 2.0, statistic / 2));
    }

    private static double Square(double value) => value * value;
}
