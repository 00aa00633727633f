namespace WebTrainer.Pipeline.Splits;

/// <summary>The prompts that judge, and how many rows of the splits judged by them equal one.</summary>
internal sealed class LeakCheck
{
    private readonly Dictionary<DataSplit, HashSet<UInt128>> _keys = [];

    public long Leaks { get; private set; }

    public void Add(UInt128 key, DataSplit split)
    {
        if (!_keys.TryGetValue(split, out var keys)) _keys[split] = keys = [];
        keys.Add(key);
    }

    /// <summary>Whether a row of a split equals one that it is judged by: test judges all, validation judges training.</summary>
    public bool IsJudged(UInt128 key, DataSplit split) =>
        _keys.Any(judge => judge.Key > split && judge.Value.Contains(key));

    /// <returns>As <see cref="IsJudged"/>, and counts the row if so.</returns>
    public bool Count(UInt128 key, DataSplit split)
    {
        if (!IsJudged(key, split)) return false;
        Leaks++;
        return true;
    }
}
