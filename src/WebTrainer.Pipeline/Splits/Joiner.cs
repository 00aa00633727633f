using System.Runtime.CompilerServices;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Splits;

/// <summary>What a join gave.</summary>
/// <param name="Rows">Rows of each split.</param>
/// <param name="Added">Rows that came in.</param>
/// <param name="AddedTest">Of these, rows to judge by.</param>
/// <param name="Repeated">Rows that were left out, for their prompt is there already.</param>
public sealed record JoinReport(VersionFile Version, IReadOnlyDictionary<DataSplit, long> Rows, long Added, long AddedTest, long Repeated);

/// <summary>
/// Adds rows to a version that is split: what judged goes on judging, so that figures of before and after can be held against each other.
/// </summary>
public sealed class Joiner(ImportLimits limits)
{
    private readonly VersionReader _reader = new(limits);
    private readonly VersionWriter _writer = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public Joiner()
        : this(new ImportLimits()) { }

    /// <summary>
    /// Rows of <paramref name="version"/> stay in their splits. Rows that are added keep their own, or are dealt by the hash of their
    /// prompt where they have none; a prompt that is there already is left out, so that none stands on both sides.
    /// </summary>
    /// <param name="version">Path of a version whose rows are split.</param>
    /// <param name="added">Path of the version whose rows are added.</param>
    /// <param name="target">Path of the new version, which must not exist.</param>
    /// <param name="validation">Share of the added rows that are in no split, from 0 to 1.</param>
    /// <param name="test">Likewise; both together at most 1.</param>
    /// <exception cref="DataProblemException">A row of the version is in no split, or nothing is new.</exception>
    public async Task<JoinReport> JoinAsync(
        string version,
        string added,
        string target,
        double validation,
        double test,
        long seed,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var counts = new Counts();
        DataSplit Deal(UInt128 key) => SplitOf((double)PromptKey.Shuffle(key, seed) / (double)UInt128.MaxValue, validation, test);
        var file = await _writer.WriteAsync(
            RowsAsync(version, added, Deal, counts, cancellationToken),
            target,
            progress,
            cancellationToken
        );
        return new JoinReport(file, counts.Rows, counts.Added, counts.AddedTest, counts.Repeated);
    }

    private async IAsyncEnumerable<CanonicalRow> RowsAsync(
        string version,
        string added,
        Func<UInt128, DataSplit> deal,
        Counts counts,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (prompts, ids) = (new HashSet<UInt128>(), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var row in _reader.ReadAsync(version, cancellationToken: cancellationToken))
        {
            prompts.Add(PromptKey.Of(row.Prompt));
            ids.Add(row.Id);
            yield return counts.Count(
                row.Split is null
                    ? throw new DataProblemException(
                        "The version that rows are added to is not split yet. Split it first, so that what is to be judged by stays so."
                    )
                    : row
            );
        }

        await foreach (var row in _reader.ReadAsync(added, cancellationToken: cancellationToken))
        {
            var key = PromptKey.Of(row.Prompt);
            if (!prompts.Add(key))
            {
                counts.Repeated++;
                continue;
            }

            var split = row.Split ?? deal(key);
            counts.Added++;
            counts.AddedTest += split == DataSplit.Test ? 1 : 0;
            yield return counts.Count(row with { Id = RowNames.Free(row.Id, ids), Split = split });
        }

        if (counts.Added == 0)
        {
            throw new DataProblemException("Nothing is new: each prompt of the rows to be added is in the version already.");
        }
    }

    private static DataSplit SplitOf(double place, double validation, double test) =>
        place < test ? DataSplit.Test
        : place < test + validation ? DataSplit.Validation
        : DataSplit.Train;

    private sealed class Counts
    {
        public Dictionary<DataSplit, long> Rows { get; } = [];
        public long Added { get; set; }
        public long AddedTest { get; set; }
        public long Repeated { get; set; }

        public CanonicalRow Count(CanonicalRow row)
        {
            Rows[row.Split!.Value] = Rows.GetValueOrDefault(row.Split.Value) + 1;
            return row;
        }
    }
}
