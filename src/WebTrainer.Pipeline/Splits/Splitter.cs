using System.Runtime.CompilerServices;
using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Splits;

/// <summary>Divides a version into rows to learn from, to watch and to judge by; equal rows never part.</summary>
public sealed class Splitter(ImportLimits limits)
{
    private readonly VersionReader _reader = new(limits);
    private readonly VersionWriter _writer = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public Splitter()
        : this(new ImportLimits()) { }

    /// <summary>Splits by shares; the same rows, shares and seed always give the same splits.</summary>
    /// <param name="version">Path of the version; its own splits, if it has any, are forgotten.</param>
    /// <param name="target">Path of the new version, which must not exist.</param>
    /// <exception cref="DataProblemException">Too few different rows for the shares: a split would be empty.</exception>
    public async Task<SplitReport> SplitAsync(
        string version,
        string target,
        SplitShares shares,
        long seed,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(shares);
        var plan = await Task.Run(() => PlanAsync([version], shares, seed, leaks: null, cancellationToken), cancellationToken);
        var counts = new Dictionary<DataSplit, long>();
        var rows = _reader
            .ReadAsync(version, cancellationToken: cancellationToken)
            .Select(row => row with { Split = plan.SplitOf(PromptKey.Of(row.Prompt)) });
        var file = await _writer.WriteAsync(
            Counted(rows, counts, () => RefuseEmpty(counts, shares), cancellationToken),
            target,
            progress,
            cancellationToken
        );
        return new SplitReport(file, counts);
    }

    /// <summary>Joins versions that already are splits, as data sets with an official test file are.</summary>
    /// <param name="target">Path of the new version, which must not exist.</param>
    /// <returns>With the number of rows that equal a row they are judged by: training by validation or test, validation by test.</returns>
    /// <exception cref="DataProblemException">Two rows come from the same place of the same file, or nothing is left of a
    /// split.</exception>
    public async Task<SplitReport> ComposeAsync(
        IReadOnlyList<VersionPart> parts,
        string target,
        ComposeOptions options,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(options);
        RefuseRepeated(parts);
        var shares = new SplitShares(options.ValidationShare, 0);
        var judges = await Task.Run(() => JudgesAsync(parts, cancellationToken), cancellationToken);
        var train = parts.Where(p => p.Split == DataSplit.Train).Select(p => p.Version).ToList();
        var plan = await Task.Run(
            () => PlanAsync(train, shares, options.Seed, options.DropLeaks ? judges : null, cancellationToken),
            cancellationToken
        );
        var counts = new Dictionary<DataSplit, long>();
        var rows = ComposedAsync(parts, plan, judges, options.DropLeaks, cancellationToken);
        var file = await _writer.WriteAsync(
            Counted(rows, counts, () => RefuseEmpty(counts, shares, parts), cancellationToken),
            target,
            progress,
            cancellationToken
        );
        return new SplitReport(file, counts, judges.Leaks, options.DropLeaks);
    }

    /// <summary>Splits by the hash of a key alone: each group stays where it is, whichever rows are added or taken away.</summary>
    /// <param name="group">A column kept beside the texts whose values must not part (a patient, a customer); null for the prompt.</param>
    /// <remarks>The shares hold for many groups, not to the row: no other row is looked at.</remarks>
    /// <exception cref="DataProblemException">A row has no such column, or a split would be empty.</exception>
    public async Task<SplitReport> SplitByHashAsync(
        string version,
        string target,
        SplitShares shares,
        string? group,
        long seed,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(shares);
        var counts = new Dictionary<DataSplit, long>();
        var rows = _reader
            .ReadAsync(version, cancellationToken: cancellationToken)
            .Select(row => row with { Split = shares.Of(PromptKey.Shuffle(KeyOf(row, group), seed)) });
        var file = await _writer.WriteAsync(
            Counted(rows, counts, () => RefuseEmpty(counts, shares), cancellationToken),
            target,
            progress,
            cancellationToken
        );
        return new SplitReport(file, counts);
    }

    private static UInt128 KeyOf(CanonicalRow row, string? group)
    {
        if (group is null)
        {
            return PromptKey.Of(row.Prompt);
        }

        return row.Extra.TryGetValue(group, out var value)
            ? PromptKey.OfText(value)
            : throw new DataProblemException(
                $"The row of {SourcePlace.Words(row.Line)} has no '{group}', so nobody can say to which group it belongs. Set such rows aside first.",
                row.Line
            );
    }

    private async Task<LeakCheck> JudgesAsync(IReadOnlyList<VersionPart> parts, CancellationToken cancellationToken)
    {
        var judges = new LeakCheck();
        foreach (var part in parts.Where(p => p.Split != DataSplit.Train))
        {
            await foreach (var row in _reader.ReadAsync(part.Version, cancellationToken: cancellationToken))
            {
                judges.Add(row, part.Split);
            }
        }

        return judges;
    }

    private async Task<SplitPlan> PlanAsync(
        IEnumerable<string> versions,
        SplitShares shares,
        long seed,
        LeakCheck? leaks,
        CancellationToken cancellationToken
    )
    {
        var plan = new SplitPlan();
        foreach (var version in versions)
        {
            await foreach (var row in _reader.ReadAsync(version, cancellationToken: cancellationToken))
            {
                if (leaks is null || !leaks.IsJudged(row, DataSplit.Train))
                {
                    plan.Add(PromptKey.Of(row.Prompt), row.Label);
                }
            }
        }

        plan.Deal(shares, seed);
        return plan;
    }

    private async IAsyncEnumerable<CanonicalRow> ComposedAsync(
        IReadOnlyList<VersionPart> parts,
        SplitPlan plan,
        LeakCheck judges,
        bool dropLeaks,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var part in parts.OrderBy(p => p.Split))
        {
            await foreach (var row in _reader.ReadAsync(part.Version, cancellationToken: cancellationToken))
            {
                if (judges.Count(row, part.Split) && dropLeaks)
                {
                    continue;
                }

                yield return row with
                {
                    Split = part.Split == DataSplit.Train ? plan.SplitOf(PromptKey.Of(row.Prompt)) : part.Split,
                };
            }
        }
    }

    private static async IAsyncEnumerable<CanonicalRow> Counted(
        IAsyncEnumerable<CanonicalRow> rows,
        Dictionary<DataSplit, long> counts,
        Action atEnd,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (row.Split != DataSplit.Train && MadeRows.IsMade(row))
            {
                throw new DataProblemException(
                    $"Row {row.Id} was made by a rule, so that nothing may be judged by it, nor by the row that it was made of. Split the version before it, then make rows anew."
                );
            }

            counts[row.Split!.Value] = counts.GetValueOrDefault(row.Split.Value) + 1;
            yield return row;
        }

        atEnd();
    }

    private static void RefuseEmpty(Dictionary<DataSplit, long> counts, SplitShares shares, IReadOnlyList<VersionPart>? parts = null)
    {
        var wanted = new HashSet<DataSplit>(parts?.Select(p => p.Split) ?? [DataSplit.Train]);
        if (shares.Validation > 0)
        {
            wanted.Add(DataSplit.Validation);
        }

        if (shares.Test > 0)
        {
            wanted.Add(DataSplit.Test);
        }

        foreach (var split in wanted.Order())
        {
            if (!counts.ContainsKey(split))
            {
                throw new DataProblemException(
                    $"There are too few different rows: nothing would be left for the split '{split.ToName()}'."
                );
            }
        }
    }

    private static void RefuseRepeated(IReadOnlyList<VersionPart> parts)
    {
        if (parts.DistinctBy(p => p.Version).Count() != parts.Count)
        {
            throw new DataProblemException("The same dataset version cannot be two splits at once.");
        }
    }
}
