using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>Applies recipes to versions: on some rows to look at, or on all into a new version.</summary>
public sealed class Cleaner(ImportLimits limits)
{
    /// <summary>Rows that a preview looks at, at most: a second or two of work.</summary>
    public const int PreviewRows = 5_000;

    /// <summary>The same where a model has to read them.</summary>
    public const int PreviewRowsForModel = 1_000;

    /// <summary>Examples that a preview shows of each step: changed, and as many set aside.</summary>
    public const int ExamplesOfStep = 5;

    private readonly VersionReader _reader = new(limits);
    private readonly VersionWriter _writer = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public Cleaner()
        : this(new ImportLimits()) { }

    /// <summary>
    /// Makes a version of the rows that stay. Those set aside are listed with their reasons; the version cleaned still has them.
    /// </summary>
    /// <param name="version">Path of the version to clean.</param>
    /// <param name="target">Path of the new version, which must not exist; beside it, with the ending <c>.aside</c>, the rows set
    /// aside.</param>
    /// <param name="sources">What the recipe names.</param>
    /// <exception cref="DataProblemException">The recipe can't be, or no row is left.</exception>
    public async Task<CleanReport> ApplyAsync(
        string version,
        CleanRecipe recipe,
        string target,
        CleanSources? sources = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check();
        var clock = Stopwatch.StartNew();
        var rows = await _reader.CountAsync(version, cancellationToken);
        var run = new CleanRun(
            recipe.Steps,
            await _reader.PositionsAsync(version, recipe.Keep, cancellationToken),
            Context(rows, sources),
            cancellationToken => _reader.ReadAsync(version, cancellationToken: cancellationToken)
        )
        {
            File = version,
        };
        var aside = new List<CleanedRow>();
        var staying = StayingAsync(run, aside, progress, cancellationToken);
        var file = run.GoesByPosition
            ? await LeaveOutAsync(version, staying, aside, target, progress, cancellationToken)
            : await _writer.WriteAsync(staying, target, progress, cancellationToken);
        var ids = await _reader.IdsAsync(
            version,
            aside.SelectMany(r => r.Twin is { } twin ? new[] { r.Index, twin } : [r.Index]),
            cancellationToken
        );
        var asidePath = await SetAsideFile.WriteAsync(
            target + ".aside",
            aside.Select(r => new SetAsideRow(ids[r.Index], r.Step, r.Reason!, r.Twin is { } twin ? ids[twin] : null)),
            cancellationToken
        );
        return new CleanReport(file, run.Reports, asidePath, aside.Count, clock.Elapsed.TotalSeconds);
    }

    /// <summary>
    /// Tells what a recipe would do, from rows spread evenly over the version. Repetitions beyond these rows aren't seen.
    /// </summary>
    public async Task<CleanPreview> PreviewAsync(
        string version,
        CleanRecipe recipe,
        CleanSources? sources = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(recipe);
        recipe.Check();
        var total = await _reader.CountAsync(version, cancellationToken);
        var rows = await _reader.SampleAsync(version, recipe.Steps.Min(s => s.PreviewRows), cancellationToken);
        var examples = new ExampleBook(rows);
        var keep = recipe.Keep.ToHashSet();
        var run = new CleanRun(
            recipe.Steps,
            rows.Index().Where(r => keep.Contains(r.Item.Id)).Select(r => r.Index).ToHashSet(),
            Context(rows.Count, sources),
            _ => rows.ToAsyncEnumerable()
        )
        {
            OnChanged = examples.Changed,
        };
        await foreach (var row in run.RunAsync(progress: null, cancellationToken))
        {
            if (row.Reason is not null)
            {
                examples.SetAside(row);
            }
        }

        return new CleanPreview(total, rows.Count, run.Reports, examples.All);
    }

    /// <summary>Where rows only go or stay, DuckDB copies those that stay.</summary>
    private async Task<VersionFile> LeaveOutAsync(
        string version,
        IAsyncEnumerable<CanonicalRow> staying,
        List<CleanedRow> aside,
        string target,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await foreach (var _ in staying.WithCancellation(cancellationToken))
        {
            // Whatever does not stay is in the list of those set aside.
        }

        return await _writer.WriteSubsetAsync(version, [.. aside.Select(r => r.Index)], target, progress, cancellationToken);
    }

    private CleanContext Context(long rows, CleanSources? sources) => new(rows, sources ?? CleanSources.None, limits);

    private static async IAsyncEnumerable<CanonicalRow> StayingAsync(
        CleanRun run,
        List<CleanedRow> aside,
        IProgress<WorkProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var row in run.RunAsync(progress, cancellationToken))
        {
            if (row.Reason is null)
            {
                yield return row.Row;
            }
            else
            {
                aside.Add(row with { Row = CanonicalRow.Nameless }); // its text would fill the memory
            }
        }
    }

    /// <summary>The first few examples of each step.</summary>
    private sealed class ExampleBook(IReadOnlyList<CanonicalRow> rows)
    {
        private readonly ConcurrentDictionary<(int Step, bool SetAside), ConcurrentQueue<CleanExample>> _examples = new();

        public IReadOnlyList<CleanExample> All => [.. _examples.OrderBy(e => e.Key).SelectMany(e => e.Value.Take(ExamplesOfStep))];

        public void Changed(int step, CanonicalRow before, CanonicalRow after) => Add(new CleanExample(step, before, after, null, null));

        public void SetAside(CleanedRow row) =>
            Add(new CleanExample(row.Step, row.Row, null, row.Reason, row.Twin is { } twin ? rows[twin] : null));

        private void Add(CleanExample example)
        {
            var of = _examples.GetOrAdd((example.Step, example.Reason is not null), _ => new ConcurrentQueue<CleanExample>());
            if (of.Count < ExamplesOfStep)
            {
                of.Enqueue(example);
            }
        }
    }
}
