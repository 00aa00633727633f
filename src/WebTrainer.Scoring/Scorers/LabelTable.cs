using MathNet.Numerics.Statistics;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Scorers;

/// <summary>How one label was told from the others.</summary>
/// <param name="Label">As in the dataset, trimmed.</param>
/// <param name="Rows">Rows that have it.</param>
/// <param name="Precision">Of the rows it was given to, the share that has it; 0 where it was given to none.</param>
/// <param name="Recall">Of the rows that have it, the share it was given to.</param>
public sealed record LabelScore(string Label, long Rows, double Precision, double Recall)
{
    /// <summary>Harmonic mean of precision and recall, 0 to 1; 0 where both are 0.</summary>
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);
}

/// <summary>Labels that were expected and given: precision, recall and F1 of each, and which was taken for which.</summary>
public sealed class LabelTable
{
    private const int BootstrapSeed = 5;
    private readonly (string Expected, string Given)[] _rows;

    /// <param name="rows">At least one.</param>
    public LabelTable(IEnumerable<(string Expected, string Given)> rows)
    {
        _rows = [.. rows.Select(row => (row.Expected.Trim(), row.Given.Trim()))];
        var names = _rows
            .SelectMany(row => new[] { row.Expected, row.Given })
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var places = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        (int Expected, int Given)[] numbers = [.. _rows.Select(row => (places[row.Expected], places[row.Given]))];
        int[] all = [.. Enumerable.Range(0, numbers.Length)];
        var counts = Count(numbers, all, names.Length);
        Labels =
        [
            .. names
                .Select(
                    (name, i) =>
                        new LabelScore(
                            name,
                            counts.Expected[i],
                            Share(counts.Both[i], counts.Given[i]),
                            Share(counts.Both[i], counts.Expected[i])
                        )
                )
                .Where(label => label.Rows > 0)
                .OrderByDescending(label => label.Rows),
        ];
        MacroF1 = Macro(counts);
        var drawn = Bootstrap.Draw(numbers.Length, BootstrapSeed, rows => Macro(Count(numbers, rows, names.Length)), draws: 500);
        MacroF1Interval = Wilson.OfShare(
            MacroF1,
            Math.Min(RowsWorth, MacroF1 * (1 - MacroF1) / drawn.PopulationVariance() is var worth && worth > 0 ? worth : RowsWorth)
        );
    }

    /// <summary>Labels that occur, the most frequent first.</summary>
    public IReadOnlyList<LabelScore> Labels { get; }

    /// <summary>Mean F1 of the labels that occur.</summary>
    public double MacroF1 { get; }

    /// <summary>
    /// 95 % interval: Wilson's of as many rows as would vary as much (by bootstrap). Drawn figures themselves are no interval: they lie too
    /// low, and all at one place where every answer is right.
    /// </summary>
    public Interval MacroF1Interval { get; }

    /// <summary>
    /// Rows of equally many labels of equal size that would tell the mean over labels as well: <c>labels² / Σ 1 / rows of the label</c>.
    /// </summary>
    private double RowsWorth => Labels.Count * Labels.Count / Labels.Sum(label => 1.0 / label.Rows);

    /// <summary>Wrong answers by pair, most often first.</summary>
    public IEnumerable<(string Expected, string Given, long Rows)> Confusions =>
        _rows
            .Where(row => !string.Equals(row.Expected, row.Given, StringComparison.Ordinal))
            .CountBy(row => row)
            .OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key.Expected, StringComparer.Ordinal)
            .Select(pair => (pair.Key.Expected, pair.Key.Given, (long)pair.Value));

    private static (long[] Expected, long[] Given, long[] Both) Count((int Expected, int Given)[] rows, int[] drawn, int labels)
    {
        var (expected, given, both) = (new long[labels], new long[labels], new long[labels]);
        foreach (var place in drawn)
        {
            var row = rows[place];
            expected[row.Expected]++;
            given[row.Given]++;
            both[row.Expected] += row.Expected == row.Given ? 1 : 0;
        }

        return (expected, given, both);
    }

    private static double Macro((long[] Expected, long[] Given, long[] Both) counts)
    {
        var (sum, labels) = (0.0, 0);
        for (var i = 0; i < counts.Expected.Length; i++)
        {
            if (counts.Expected[i] == 0)
            {
                continue;
            }

            sum += 2.0 * counts.Both[i] / (counts.Expected[i] + counts.Given[i]);
            labels++;
        }

        return labels == 0 ? 0 : sum / labels;
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
