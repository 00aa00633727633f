using WebTrainer.Pipeline.Storage;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Fairness;

/// <summary>What an audit asks.</summary>
/// <param name="Column">The column that says to which group a row belongs.</param>
/// <param name="Privileged">Its value for the group that may be favoured; null for the one with the highest rate.</param>
/// <param name="Favourable">The label that is good to get.</param>
/// <param name="Prediction">A column with what a model said; null to audit the labels alone.</param>
public sealed record BiasQuestion(string Column, string? Privileged, string Favourable, string? Prediction = null);

/// <summary>Rows of one group.</summary>
/// <param name="Favourable">Of them with the favourable label.</param>
/// <param name="Interval">Of the share of favourable labels.</param>
public sealed record GroupRate(string Group, long Rows, long Favourable, Interval Interval)
{
    /// <summary>Share of favourable labels, 0 to 1; 0 for a group without rows.</summary>
    public double Rate => Rows == 0 ? 0 : (double)Favourable / Rows;
}

/// <summary>What an audit found.</summary>
/// <param name="Privileged">The group that the others together were held against.</param>
/// <param name="Left">Rows without a group or label, which say nothing.</param>
/// <param name="ParityInterval">95 % interval of the labels' statistical parity difference (Newcombe).</param>
/// <param name="ImpactInterval">95 % interval of the labels' disparate impact (Katz).</param>
/// <param name="Predictions">Null where there was no column of predictions.</param>
public sealed record BiasReport(
    BiasQuestion Question,
    string Privileged,
    IReadOnlyList<GroupRate> Groups,
    long Left,
    FairnessMeasures Labels,
    Interval ParityInterval,
    Interval ImpactInterval,
    FairnessMeasures? Predictions
);

/// <summary>Holds the labels of groups of rows against each other.</summary>
public sealed class BiasAuditor(ImportLimits limits)
{
    /// <summary>Groups beyond that are no groups but names.</summary>
    public const int MaxGroups = 50;

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public BiasAuditor()
        : this(new ImportLimits()) { }

    /// <param name="version">Path of the version.</param>
    /// <exception cref="DataProblemException">Fewer than two groups, too many, or no row with the label.</exception>
    public async Task<BiasReport> AuditAsync(string version, BiasQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        var rows = new List<(string Group, bool Favourable, bool Predicted)>();
        long left = 0;
        await foreach (var row in new VersionReader(limits).ReadAsync(version, cancellationToken: cancellationToken))
        {
            if (!row.Extra.TryGetValue(question.Column, out var group) || row.Label is null)
            {
                left++;
            }
            else
            {
                rows.Add(
                    (
                        group,
                        row.Label == question.Favourable,
                        question.Prediction is { } p && row.Extra.GetValueOrDefault(p) == question.Favourable
                    )
                );
            }
        }

        return Report(question, rows, left);
    }

    private static BiasReport Report(BiasQuestion question, List<(string Group, bool Favourable, bool Predicted)> rows, long left)
    {
        var groups = rows.GroupBy(r => r.Group).Select(Rate).OrderByDescending(g => g.Rate).ToList();
        if (groups.Count is < 2 or > MaxGroups)
        {
            throw new DataProblemException(
                $"An audit compares 2 to {MaxGroups} groups; the column '{question.Column}' has {groups.Count:N0} values in rows with a label."
            );
        }

        if (groups.TrueForAll(g => g.Favourable == 0))
        {
            throw new DataProblemException($"No row has the label '{question.Favourable}'.");
        }

        var privileged = question.Privileged ?? groups[0].Group;
        var favoured =
            groups.Find(g => g.Group == privileged)
            ?? throw new DataProblemException($"No row with a label belongs to the group '{privileged}'.");
        var cases = rows.ConvertAll(r => new FairnessCase(r.Group == privileged, r.Favourable, r.Predicted));
        var (others, good) = (rows.Count - favoured.Rows, groups.Sum(g => g.Favourable) - favoured.Favourable);
        return new BiasReport(
            question,
            privileged,
            groups,
            left,
            FairnessMeasures.OfLabels(cases),
            TwoShares.Difference(good, others, favoured.Favourable, favoured.Rows),
            TwoShares.Ratio(good, others, favoured.Favourable, favoured.Rows),
            question.Prediction is null ? null : FairnessMeasures.OfPredictions(cases)
        );
    }

    private static GroupRate Rate(IGrouping<string, (string Group, bool Favourable, bool Predicted)> group)
    {
        var (count, good) = (group.LongCount(), group.LongCount(r => r.Favourable));
        return new GroupRate(group.Key, count, good, Wilson.Of(good, count));
    }
}
