using System.Globalization;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Splits;

namespace WebTrainer.Pipeline.Making;

/// <summary>Lets a made row in, or says why not: its prompt is there already, or real rows like it have another label.</summary>
internal sealed class MadeGuard
{
    /// <summary>Real rows that are asked for a label.</summary>
    private const int Voters = 5;

    private readonly HashSet<UInt128> _prompts;
    private readonly IReadOnlyList<CanonicalRow> _real;
    private readonly NearestRows? _nearest;
    private readonly List<double> _likeness = [];

    /// <param name="real">Rows to learn from.</param>
    /// <param name="prompts">Keys of all prompts of the version, whatever their split: a made row may not give away what is judged.</param>
    public MadeGuard(IReadOnlyList<CanonicalRow> real, HashSet<UInt128> prompts, CancellationToken cancellationToken)
    {
        (_real, _prompts) = (real, [.. prompts]);
        _nearest = real.Count is > 0 and <= NearestRows.MostRows
            ? new NearestRows([.. real.Select(row => row.Prompt)], cancellationToken)
            : null;
        ChecksLabels = _nearest is not null && real.Any(row => row.Label is not null);
    }

    public bool ChecksLabels { get; }

    public long Repeated { get; private set; }

    public long Doubted { get; private set; }

    /// <summary>Of the rows taken, to the real row nearest to each.</summary>
    public double? MedianLikeness => _likeness.Count == 0 ? null : _likeness.Order().ElementAt(_likeness.Count / 2);

    /// <returns>The row with its likeness; null where it is left out, which is counted.</returns>
    public CanonicalRow? Take(CanonicalRow row)
    {
        if (!_prompts.Add(PromptKey.Of(row.Prompt)))
        {
            Repeated++;
            return null;
        }

        if (_nearest is null)
        {
            return row;
        }

        var near = _nearest.To(row.Prompt, Voters);
        if (row.Label is { } label && Voted(near) is { } voted && voted != label)
        {
            Doubted++;
            return null;
        }

        _likeness.Add(near[0].Likeness);
        return row with
        {
            Extra = new Dictionary<string, string>(row.Extra)
            {
                [MadeRows.Nearest] = near[0].Likeness.ToString("0.00", CultureInfo.InvariantCulture),
            },
        };
    }

    /// <summary>The label that the nearest rows have, weighted by the square of their likeness.</summary>
    private string? Voted(Neighbour[] near) =>
        near.Where(n => _real[n.Position].Label is not null && n.Likeness > 0)
            .GroupBy(n => _real[n.Position].Label)
            .MaxBy(votes => votes.Sum(n => (double)n.Likeness * n.Likeness))
            ?.Key;
}
