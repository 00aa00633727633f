namespace WebTrainer.Labeling;

/// <summary>What the answers to one item come to.</summary>
/// <param name="Label">The label that more raters gave than any other; null where a reviewer must decide.</param>
/// <param name="Votes">How many gave each label, the most frequent first.</param>
public sealed record Verdict(string? Label, IReadOnlyList<LabelVotes> Votes)
{
    public bool NeedsReviewer => Label is null;

    /// <summary>Share of the answers that are <see cref="Label"/>, 0 to 1; 0 where there is none.</summary>
    public double Support => Label is null ? 0 : (double)Votes[0].Count / Votes.Sum(v => v.Count);
}

public sealed record LabelVotes(string Label, int Count);

/// <summary>Makes one label of several people's answers.</summary>
public static class Adjudication
{
    /// <param name="answers">One label a rater; their order doesn't matter.</param>
    /// <param name="minimumVotes">Answers that the winning label must have; fewer need a reviewer.</param>
    public static Verdict MajorityVote(IEnumerable<string> answers, int minimumVotes = 1)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(minimumVotes);
        var votes = answers
            .CountBy(label => label, StringComparer.Ordinal)
            .Select(v => new LabelVotes(v.Key, v.Value))
            .OrderByDescending(v => v.Count)
            .ThenBy(v => v.Label, StringComparer.Ordinal)
            .ToList();
        var tied = votes.Count == 0 || (votes.Count > 1 && votes[0].Count == votes[1].Count);
        return new Verdict(tied || votes[0].Count < minimumVotes ? null : votes[0].Label, votes);
    }
}
