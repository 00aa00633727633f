using System.Globalization;
using System.Runtime.CompilerServices;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Making;

/// <summary>What was made.</summary>
/// <param name="Rows">Rows of each split, the made ones among those to learn from.</param>
/// <param name="Made">Rows that came in.</param>
/// <param name="Repeated">Left out, for the same prompt stands in the version already, in whatever split.</param>
/// <param name="Doubted">Left out, for the real rows most like them have another label.</param>
/// <param name="LabelsChecked">Whether real rows were asked: there are labels, and not too many rows to compare.</param>
/// <param name="MedianLikeness">Of each made row to the real row nearest to it, cosine; null where nothing was compared.</param>
public sealed record MakeReport(
    VersionFile Version,
    IReadOnlyDictionary<DataSplit, long> Rows,
    long Made,
    long Repeated,
    long Doubted,
    bool LabelsChecked,
    double? MedianLikeness
);

/// <summary>
/// Adds made rows to a split version, marked for ever by <see cref="MadeRows"/>. They are made of rows to learn from, and learned from
/// only: nothing is judged by what a rule wrote.
/// </summary>
public sealed class RowMaker(ImportLimits limits)
{
    private readonly VersionReader _reader = new(limits);
    private readonly VersionWriter _writer = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public RowMaker()
        : this(new ImportLimits()) { }

    /// <param name="version">Path of a version whose rows are split. All of them stay as they are.</param>
    /// <param name="target">Path of the new version, which must not exist.</param>
    /// <exception cref="DataProblemException">The recipe can't be followed, a row is in no split, or nothing new can be made.</exception>
    public async Task<MakeReport> MakeAsync(
        string version,
        MakeRecipe recipe,
        string target,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.WhyNot() is { } reason)
        {
            throw new DataProblemException(reason);
        }

        var real = await ReadAsync(version, cancellationToken);
        var guard = await Task.Run(() => new MadeGuard(real.Train, real.Prompts, cancellationToken), cancellationToken);
        CanonicalRow[] made = [.. await Task.Run(() => Make(recipe, real.Train, guard, cancellationToken), cancellationToken)];
        if (made.Length == 0)
        {
            throw new DataProblemException(
                guard.Repeated + guard.Doubted > 0
                    ? $"Nothing new was made: {guard.Repeated} rows would repeat a prompt that is there, and real rows contradict the label of {guard.Doubted}."
                    : "Nothing can be made: no row to learn from has what the recipe changes."
            );
        }

        var file = await _writer.WriteAsync(AllAsync(version, made, real.Ids, cancellationToken), target, progress, cancellationToken);
        var rows = real.Rows.ToDictionary(split => split.Key, split => split.Value);
        rows[DataSplit.Train] = rows.GetValueOrDefault(DataSplit.Train) + made.Length;
        return new MakeReport(file, rows, made.Length, guard.Repeated, guard.Doubted, guard.ChecksLabels, guard.MedianLikeness);
    }

    private static IEnumerable<CanonicalRow> Make(
        MakeRecipe recipe,
        IReadOnlyList<CanonicalRow> train,
        MadeGuard guard,
        CancellationToken cancellationToken
    )
    {
        var room = (int)Math.Ceiling(recipe.Share * train.Count);
        var needs = recipe.LeastPerLabel is { } least ? Needs(train, least) : null;
        foreach (var row in Candidates(recipe, train, needs))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (room == 0 || needs is { Count: 0 })
            {
                yield break;
            }

            if ((needs is null || row.Label is { } label && needs.ContainsKey(label)) && guard.Take(row) is { } taken)
            {
                room--;
                yield return taken;
                if (needs is not null && --needs[taken.Label!] == 0)
                {
                    needs.Remove(taken.Label!);
                }
            }
        }
    }

    /// <summary>Rows that each label lacks of the number wanted; a label that has as many isn't there.</summary>
    private static Dictionary<string, int> Needs(IReadOnlyList<CanonicalRow> train, int least)
    {
        var needs = train
            .Where(row => row.Label is not null)
            .CountBy(row => row.Label!)
            .Where(label => label.Value < least)
            .ToDictionary(label => label.Key, label => least - label.Value);
        return needs.Count > 0
            ? needs
            : throw new DataProblemException(
                $"No label has fewer than {least} rows to learn from (leastPerLabel), so that none is wanted."
            );
    }

    private static IEnumerable<CanonicalRow> Candidates(
        MakeRecipe recipe,
        IReadOnlyList<CanonicalRow> train,
        Dictionary<string, int>? needs
    ) =>
        recipe.Method switch
        {
            MakeMethod.Templates => OfTemplates(recipe, train),
            MakeMethod.SwappedWords => Swapped(recipe, train),
            _ => Mistyped(recipe, train, needs),
        };

    private static IEnumerable<CanonicalRow> OfTemplates(MakeRecipe recipe, IReadOnlyList<CanonicalRow> train)
    {
        var examples = train.Where(row => row.Label is not null).GroupBy(row => row.Label!).ToDictionary(of => of.Key, of => of.First());
        if (recipe.Templates.FirstOrDefault(t => t.Label is not null && !examples.ContainsKey(t.Label)) is { } unknown)
        {
            throw new DataProblemException(
                $"No row to learn from has the label '{unknown.Label}' (templates), so that it would judge nothing."
            );
        }

        // More than there is room for: some repeat what is there.
        const int Spare = 4;
        foreach (var (filled, i) in SlotFilling.Fill(recipe, Spare * train.Count).Select((filled, i) => (filled, i)))
        {
            var example = filled.Template.Label is { } label ? examples[label] : null;
            yield return CanonicalRow.Create(
                string.Create(CultureInfo.InvariantCulture, $"template-{i + 1}"),
                0,
                example?.System,
                filled.Prompt,
                filled.Response ?? example!.Response,
                filled.Template.Label,
                DataSplit.Train
            ) with
            {
                Extra = MadeRows.Mark("a template", filled.Template.Prompt),
            };
        }
    }

    private static IEnumerable<CanonicalRow> Swapped(MakeRecipe recipe, IReadOnlyList<CanonicalRow> train)
    {
        var swaps = new WordSwaps(recipe.Pairs);
        return SplitMix
            .Of(recipe.Seed, 0)
            .Permutation(train.Count)
            .Select(i => train[i])
            .Select(row =>
                Changed(row, 1, "swapped words", message => message.Role == ChatRoles.System ? message.Content : swaps.In(message.Content))
            )
            .OfType<CanonicalRow>();
    }

    /// <summary>Each row once in an order of the seed, then each once more, with other errors.</summary>
    private static IEnumerable<CanonicalRow> Mistyped(MakeRecipe recipe, IReadOnlyList<CanonicalRow> train, Dictionary<string, int>? needs)
    {
        const int MostRounds = 100; // of one row; a label of few rows is not stretched further
        for (var round = 1; round <= MostRounds; round++)
        {
            var random = SplitMix.Of(recipe.Seed, round);
            foreach (var i in random.Permutation(train.Count))
            {
                // whether its label is wanted is asked first: most rows of a balanced set aren't
                if (needs is null || train[i].Label is { } label && needs.ContainsKey(label))
                {
                    var own = SplitMix.Of(recipe.Seed, ((long)round * train.Count) + i + MostRounds);
                    var row = Changed(
                        train[i],
                        round,
                        "typing errors",
                        message =>
                            message.Role == ChatRoles.User ? TypingErrors.In(message.Content, recipe.WordShare, ref own) : message.Content
                    );
                    if (row is not null)
                    {
                        yield return row;
                    }
                }
            }
        }
    }

    /// <returns>Null where nothing of the row changes.</returns>
    private static CanonicalRow? Changed(CanonicalRow row, int round, string by, Func<ChatMessage, string> change)
    {
        List<ChatMessage> messages = [.. row.Messages.Select(message => message with { Content = change(message) })];
        return messages.SequenceEqual(row.Messages)
            ? null
            : CanonicalRow.Create(
                string.Create(CultureInfo.InvariantCulture, $"{row.Id}-made-{round}"),
                0,
                messages,
                row.Label,
                DataSplit.Train
            ) with
            {
                Extra = MadeRows.Mark(by, row.Id, row.Extra),
            };
    }

    private async Task<Real> ReadAsync(string version, CancellationToken cancellationToken)
    {
        var real = new Real();
        await foreach (var row in _reader.ReadAsync(version, cancellationToken: cancellationToken))
        {
            var split =
                row.Split
                ?? throw new DataProblemException(
                    "The version is not split yet. Split it first: rows are made of those to learn from alone."
                );
            real.Rows[split] = real.Rows.GetValueOrDefault(split) + 1;
            real.Prompts.Add(PromptKey.Of(row.Prompt));
            real.Ids.Add(row.Id);
            // What was made before is no seed: errors of errors, and labels that nobody gave.
            if (split == DataSplit.Train && !MadeRows.IsMade(row))
            {
                real.Train.Add(row);
            }
        }

        return real;
    }

    private async IAsyncEnumerable<CanonicalRow> AllAsync(
        string version,
        CanonicalRow[] made,
        HashSet<string> ids,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var row in _reader.ReadAsync(version, cancellationToken: cancellationToken))
        {
            yield return row;
        }

        foreach (var row in made)
        {
            yield return row with
            {
                Id = RowNames.Free(row.Id, ids),
            };
        }
    }

    private sealed class Real
    {
        public Dictionary<DataSplit, long> Rows { get; } = [];
        public List<CanonicalRow> Train { get; } = [];
        public HashSet<UInt128> Prompts { get; } = [];
        public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);
    }
}
