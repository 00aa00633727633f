using System.Runtime.InteropServices;

namespace WebTrainer.Labeling;

/// <summary>A marked stretch of a text.</summary>
/// <param name="Start">First position.</param>
/// <param name="End">Position after the last.</param>
/// <param name="Label">What the stretch is marked as.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Mark(int Start, int End, string Label);

/// <summary>A text and what each rater marked in it.</summary>
/// <param name="Length">Positions of the text.</param>
/// <param name="Raters">Of each rater their marks, in any order; a rater who marked nothing has none.</param>
public sealed record MarkedText(int Length, IReadOnlyList<IReadOnlyList<Mark>> Raters);

/// <summary>
/// Agreement beyond chance on stretches of texts: Krippendorff's nominal α over positions, the value of a position being what a rater
/// marked it as, or nothing. So a mark that is a word too long costs a word, chance grows with how much is marked, and texts that both
/// leave unmarked count. It is what the comparison by lengths of intersections in Krippendorff, Mathet, Bouvry and Widlöcher 2016 (Quality
/// and Quantity 50) comes to when a position, not a mark, is what chance shuffles.
/// </summary>
public static class SpanAlpha
{
    /// <param name="texts">Texts with fewer than two raters don't count.</param>
    /// <param name="seed">The same seed and texts give the same interval.</param>
    public static AlphaEstimate Compute(IReadOnlyList<MarkedText> texts, int seed)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var rated = texts.Where(t => t.Raters.Count > 1 && t.Length > 0).ToList();
        var values = new Dictionary<string, int>(StringComparer.Ordinal) { [""] = 0 };
        var stretches = rated.ConvertAll(text => Stretches(text, values).ToList());
        var tables = stretches.ConvertAll(s =>
            KrippendorffAlpha.Coincidences(s.Select(one => (Counts(one.Values, values.Count), (double)one.Length)), values.Count)
        );
        return ClusteredAlpha.Estimate(
            tables,
            MeasurementLevel.Nominal,
            [.. Enumerable.Range(0, values.Count).Select(v => (double)v)],
            seed
        );
    }

    /// <summary>The text cut where any mark begins or ends: within a stretch nobody changes their mind.</summary>
    private static IEnumerable<(int Length, int[] Values)> Stretches(MarkedText text, Dictionary<string, int> values)
    {
        int[] cuts =
        [
            .. text
                .Raters.SelectMany(marks => marks)
                .SelectMany(m => new[] { m.Start, m.End })
                .Append(0)
                .Append(text.Length)
                .Select(cut => Math.Clamp(cut, 0, text.Length))
                .Distinct()
                .Order(),
        ];
        foreach (var (start, end) in cuts.Zip(cuts.Skip(1)))
        {
            yield return (end - start, [.. text.Raters.Select(marks => Number(values, ValueAt(marks, start)))]);
        }
    }

    /// <summary>The labels of all marks at a position together.</summary>
    private static string ValueAt(IReadOnlyList<Mark> marks, int position)
    {
        var labels = marks.Where(m => m.Start <= position && position < m.End).Select(m => m.Label).ToList();
        return labels.Count <= 1
            ? labels.FirstOrDefault("")
            : string.Join('\n', labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    private static int Number(Dictionary<string, int> values, string value)
    {
        if (!values.TryGetValue(value, out var number))
        {
            values[value] = number = values.Count;
        }

        return number;
    }

    private static int[] Counts(int[] values, int size)
    {
        var counts = new int[size];
        foreach (var value in values)
        {
            counts[value]++;
        }

        return counts;
    }
}
