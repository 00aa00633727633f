using WebTrainer.Pipeline.Cleaning.Leaks;

namespace WebTrainer.Pipeline.Splits;

/// <summary>The rows that judge, and how many rows of the splits judged by them stand among them.</summary>
internal sealed class LeakCheck
{
    private readonly Dictionary<DataSplit, OverlapIndex> _judges = [];

    public long Leaks { get; private set; }

    public void Add(CanonicalRow row, DataSplit split)
    {
        if (!_judges.TryGetValue(split, out var judge))
        {
            _judges[split] = judge = new OverlapIndex(LeakAuditor.Words);
        }

        judge.Add(row);
    }

    /// <summary>Whether a row of a split stands among those it is judged by: test judges all, validation judges training.</summary>
    public bool IsJudged(CanonicalRow row, DataSplit split) =>
        _judges.Any(judge =>
            judge.Key > split && (judge.Key == DataSplit.Validation ? judge.Value.HasPrompt(row) : judge.Value.Overlaps(row))
        );

    /// <returns>As <see cref="IsJudged"/>, and counts the row if so.</returns>
    public bool Count(CanonicalRow row, DataSplit split)
    {
        if (!IsJudged(row, split))
        {
            return false;
        }

        Leaks++;
        return true;
    }
}
