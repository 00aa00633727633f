using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning.Leaks;

/// <summary>A version whose test rows judge what is trained elsewhere.</summary>
/// <param name="Path">Of the Parquet file.</param>
public sealed record EvaluationVersion(Guid Id, string Name, string Path);

/// <summary>Rows of one split that stand among the rows that judge them.</summary>
/// <param name="Judge">Name of the split or evaluation set.</param>
/// <param name="JudgeId">The evaluation set's version; null for a split of the same version.</param>
/// <param name="RowIds">The first of them.</param>
public sealed record LeakFinding(DataSplit Split, string Judge, Guid? JudgeId, long Rows, IReadOnlyList<string> RowIds);

/// <summary>What of a version stands among what it is judged by.</summary>
/// <param name="Words">Words in a row that two texts must have in common; equal prompts always count.</param>
/// <param name="Rows">
/// Rows that leak into what results are judged by, a test split or an evaluation set; each counted once. Validation, which only says when
/// to stop, is among the findings alone.
/// </param>
/// <param name="EvaluationSets">Names of the sets it was compared with.</param>
public sealed record LeakReport(int Words, long Rows, IReadOnlyList<LeakFinding> Findings, IReadOnlyList<string> EvaluationSets);

/// <summary>Looks for rows to learn from that also judge: in the splits of a version, and in evaluation sets.</summary>
public sealed class LeakAuditor(ImportLimits limits)
{
    /// <summary>As Brown et al., arXiv:2005.14165, appendix C.</summary>
    public const int Words = 13;

    private const int MaxRowsNamed = 20;
    private readonly VersionReader _reader = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public LeakAuditor()
        : this(new ImportLimits()) { }

    /// <param name="version">Path of a split version.</param>
    /// <param name="judges">Versions whose test rows judge; all rows of those without splits.</param>
    public async Task<LeakReport> AuditAsync(
        string version,
        IReadOnlyList<EvaluationVersion> judges,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(judges);
        List<HeldOutPart> all =
        [
            await JudgeAsync(version, DataSplit.Test, "the test split", null, cancellationToken),
            await JudgeAsync(version, DataSplit.Validation, "the validation split", null, cancellationToken),
        ];
        foreach (var judge in judges)
        {
            all.Add(await JudgeAsync(judge.Path, DataSplit.Test, judge.Name, judge.Id, cancellationToken));
        }

        long rows = 0,
            done = 0;
        await foreach (var row in _reader.ReadAsync(version, cancellationToken: cancellationToken))
        {
            if (++done % 10_000 == 0)
            {
                progress?.Report(new WorkProgress("Looking for leaks", done, 0));
            }

            if (row.Split is not { } split || split == DataSplit.Test)
            {
                continue;
            }
            // All are asked: each judge counts its own.
            var catching = all.Where(judge => judge.Catches(row, split)).ToList();
            if (catching.Exists(judge => judge.Judges != DataSplit.Validation))
            {
                rows++;
            }
        }

        return new LeakReport(Words, rows, [.. all.SelectMany(j => j.Findings)], [.. judges.Select(j => j.Name)]);
    }

    private async Task<HeldOutPart> JudgeAsync(string path, DataSplit split, string name, Guid? id, CancellationToken cancellationToken)
    {
        var judge = new HeldOutPart(split, name, id);
        await foreach (var row in _reader.ReadAsync(path, cancellationToken: cancellationToken))
        {
            if (row.Split == split || (row.Split is null && id is not null))
            {
                judge.Add(row);
            }
        }

        return judge;
    }

    private sealed class HeldOutPart(DataSplit judging, string name, Guid? id)
    {
        private readonly OverlapIndex _index = new(Words);
        private readonly SortedDictionary<DataSplit, (long Rows, List<string> Ids)> _caught = [];

        public IEnumerable<LeakFinding> Findings => _caught.Select(c => new LeakFinding(c.Key, name, id, c.Value.Rows, c.Value.Ids));

        public DataSplit Judges => judging;

        public void Add(CanonicalRow row) => _index.Add(row);

        public bool Catches(CanonicalRow row, DataSplit split)
        {
            // Within a version, test judges both others, and validation judges what is trained on.
            if (_index.IsEmpty || (id is null && split >= judging))
            {
                return false;
            }

            if (!(judging == DataSplit.Validation ? _index.HasPrompt(row) : _index.Overlaps(row)))
            {
                return false;
            }

            var (rows, ids) = _caught.GetValueOrDefault(split, (0, []));
            if (ids.Count < MaxRowsNamed)
            {
                ids.Add(row.Id);
            }

            _caught[split] = (rows + 1, ids);
            return true;
        }
    }
}
