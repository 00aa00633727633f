namespace WebTrainer.Pipeline.Splits;

/// <summary>Decides for each group of equal rows which split it goes to.</summary>
/// <remarks>
/// Groups are shuffled by hash within each label and dealt out until each split has its share. What rounding leaves over in one
/// label is made up for in the next, so that rare labels don't pull the whole away from its shares.
/// </remarks>
internal sealed class SplitPlan
{
    private readonly Dictionary<UInt128, Group> _groups = [];
    private readonly Dictionary<UInt128, DataSplit> _splits = [];

    public void Add(UInt128 key, string? label)
    {
        if (_groups.TryGetValue(key, out var group))
        {
            group.Rows++;
        }
        else
        {
            _groups[key] = new Group(key, label);
        }
    }

    public void Deal(SplitShares shares, long seed)
    {
        long seen = 0,
            test = 0,
            validation = 0;
        foreach (var stratum in _groups.Values.GroupBy(g => g.Label ?? "").OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            seen += stratum.Sum(g => g.Rows);
            foreach (var group in stratum.OrderBy(g => PromptKey.Shuffle(g.Key, seed)))
            {
                var split = DataSplit.Train;
                if (Fits(group, test, seen * shares.Test))
                {
                    split = DataSplit.Test;
                }
                else if (Fits(group, validation, seen * shares.Validation))
                {
                    split = DataSplit.Validation;
                }

                if (split == DataSplit.Test)
                {
                    test += group.Rows;
                }

                if (split == DataSplit.Validation)
                {
                    validation += group.Rows;
                }

                _splits[group.Key] = split;
            }
        }
    }

    public DataSplit SplitOf(UInt128 key) => _splits[key];

    // A group is taken when that brings the split nearer to its target than leaving it out.
    private static bool Fits(Group group, long taken, double target) => taken + (group.Rows / 2.0) <= target;

    private sealed class Group(UInt128 key, string? label)
    {
        public UInt128 Key { get; } = key;
        public string? Label { get; } = label;
        public int Rows { get; set; } = 1;
    }
}
