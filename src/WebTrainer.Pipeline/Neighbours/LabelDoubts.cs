namespace WebTrainer.Pipeline.Neighbours;

/// <summary>A row whose label its neighbours contradict.</summary>
/// <param name="Position">In the version, from 0.</param>
/// <param name="Given">Its label.</param>
/// <param name="Proposed">The label of its neighbours.</param>
/// <param name="GivenShare">Of the neighbours, weighted by likeness, 0 to 1.</param>
/// <param name="ProposedShare">Likewise.</param>
/// <param name="IsSure">The proposed label is as probable here as of rows that have it; else it is only more probable than the given
/// one.</param>
/// <param name="Nearest">The nearest rows that have the proposed label, as the reason.</param>
public sealed record LabelDoubt(
    int Position,
    string Given,
    string Proposed,
    double GivenShare,
    double ProposedShare,
    bool IsSure,
    IReadOnlyList<Neighbour> Nearest
);

/// <summary>
/// Labels that are probably wrong, the surest first, by confident learning (Northcutt, Jiang and Chuang, arXiv:1911.00068).
/// </summary>
/// <remarks>
/// How probable label c is of row i, p(c|i), is the share of c among its nearest rows, weighted by likeness; the row itself doesn't vote,
/// so the probabilities are out of sample. The threshold of a label is t(c) = mean of p(c|i) over the rows that have it, so that labels
/// which are hard to tell apart need less. A row is in doubt where another label c is more probable than the given one, and surely so
/// where c reaches its threshold, p(c|i) ≥ t(c). The sure ones come first, each part ordered by p(c|i) − p(given|i).
/// </remarks>
public static class LabelDoubts
{
    /// <summary>Rows that vote.</summary>
    private const int Voters = 12;

    /// <summary>Reasons that are kept with each.</summary>
    private const int Reasons = 3;

    /// <param name="labels">Of each row; null for rows without one, which are not judged and don't vote.</param>
    public static IReadOnlyList<LabelDoubt> Find(NearestRows rows, IReadOnlyList<string?> labels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Count, rows.Count, nameof(labels));
        var neighbours = rows.All(Voters, cancellationToken);
        var votes = Array.ConvertAll(neighbours, near => Shares(near, labels));
        var thresholds = Enumerable
            .Range(0, labels.Count)
            .Where(i => labels[i] is not null)
            .GroupBy(i => labels[i]!)
            .ToDictionary(of => of.Key, of => of.Average(i => votes[i].GetValueOrDefault(of.Key)));
        return
        [
            .. Enumerable
                .Range(0, labels.Count)
                .Select(i => DoubtOf(i, labels, neighbours[i], votes[i], thresholds))
                .OfType<LabelDoubt>()
                .OrderByDescending(d => d.IsSure)
                .ThenByDescending(d => d.ProposedShare - d.GivenShare)
                .ThenBy(d => d.Position),
        ];
    }

    private static Dictionary<string, double> Shares(Neighbour[] near, IReadOnlyList<string?> labels)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        var total = 0.0;
        foreach (var (position, likeness) in near)
        {
            if (labels[position] is { } label && likeness > 0)
            {
                // the square lets the near ones decide
                var weight = (double)likeness * likeness;
                shares[label] = shares.GetValueOrDefault(label) + weight;
                total += weight;
            }
        }

        return shares.ToDictionary(s => s.Key, s => s.Value / total);
    }

    private static LabelDoubt? DoubtOf(
        int row,
        IReadOnlyList<string?> labels,
        Neighbour[] near,
        Dictionary<string, double> shares,
        Dictionary<string, double> thresholds
    )
    {
        if (labels[row] is not { } given)
        {
            return null;
        }

        var own = shares.GetValueOrDefault(given);
        var (proposed, share) = shares
            .Where(s => s.Key != given && s.Value > own)
            .OrderByDescending(s => s.Value >= thresholds[s.Key])
            .ThenByDescending(s => s.Value)
            .ThenBy(s => s.Key, StringComparer.Ordinal)
            .FirstOrDefault();
        return proposed is null
            ? null
            : new LabelDoubt(
                row,
                given,
                proposed,
                own,
                share,
                share >= thresholds[proposed],
                [.. near.Where(n => labels[n.Position] == proposed).Take(Reasons)]
            );
    }
}
