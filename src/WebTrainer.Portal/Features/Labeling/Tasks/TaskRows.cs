using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Which rows of a version become a task's items.</summary>
/// <param name="Limit">How many; null for all.</param>
/// <param name="AtRandom">Drawn from the whole version instead of its beginning; they keep the version's order.</param>
/// <param name="OnlyUnanswered">Leave out rows that have a response already.</param>
/// <param name="Seed">The same seed draws the same rows.</param>
/// <param name="Contains">Only rows whose text holds this, whatever its case.</param>
/// <param name="Label">Only rows of this label.</param>
/// <param name="Split">Only rows of this split.</param>
/// <param name="OnlyAnswered">Leave out rows that have no response, which could not be judged.</param>
public sealed record RowChoice(
    int? Limit = null,
    bool AtRandom = false,
    bool OnlyUnanswered = false,
    int Seed = 42,
    string? Contains = null,
    string? Label = null,
    DataSplit? Split = null,
    bool OnlyAnswered = false
);

/// <summary>What labeling reads and writes of dataset versions.</summary>
public sealed class TaskRows(FileStore files) : IDisposable
{
    /// <summary>What a project of months can hold, and what was measured (benchmarks/labeling).</summary>
    public const int MaxItems = 200_000;

    private readonly RowReader _rows = new();
    private readonly VersionReader _reader = new();
    private readonly VersionWriter _writer = new();

    /// <summary>The labels that the version's rows have, in ordinal order.</summary>
    public async Task<IReadOnlyList<string>> LabelsAsync(DatasetVersion version, CancellationToken cancellationToken)
    {
        var counts = await _rows.CountLabelsAsync(PathOf(version), cancellationToken);
        return [.. counts.Select(c => c.Label).OfType<string>().Order(StringComparer.Ordinal)];
    }

    public IAsyncEnumerable<CanonicalRow> ReadAsync(DatasetVersion version, CancellationToken cancellationToken) =>
        _reader.ReadAsync(PathOf(version), cancellationToken: cancellationToken);

    /// <returns>The chosen rows, in the version's order.</returns>
    /// <exception cref="RuleViolationException">There are none, or too many.</exception>
    public async Task<IReadOnlyList<CanonicalRow>> ChooseAsync(
        DatasetVersion version,
        RowChoice choice,
        CancellationToken cancellationToken
    )
    {
        if (choice.Limit is <= 0)
        {
            throw new RuleViolationException("Take at least one row.");
        }

        var fitting = new List<CanonicalRow>();
        await foreach (var row in ReadAsync(version, cancellationToken))
        {
            if (Fits(row, choice))
            {
                fitting.Add(row);
            }
        }

        var count = Math.Min(choice.Limit ?? fitting.Count, fitting.Count);
        if (count == 0)
        {
            throw new RuleViolationException(
                choice.OnlyAnswered
                    ? "No row of this version has a response to judge. Choose another version, or other rows."
                    : "No row of this version fits. Take rows that have a response as well, or choose another version."
            );
        }

        if (count > MaxItems)
        {
            throw new RuleViolationException($"This would be {count:N0} items; a task holds at most {MaxItems:N0}. Take fewer rows.");
        }

        return choice.AtRandom ? Draw(fitting, count, choice.Seed) : fitting[..count];
    }

    /// <summary>
    /// Writes a new version's file: each row as <paramref name="change"/> makes it; rows that it makes null are left out.
    /// </summary>
    public Task<VersionFile> WriteAsync(
        DatasetVersion parent,
        Func<CanonicalRow, CanonicalRow?> change,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            ReadAsync(parent, cancellationToken).Select(change).Where(row => row is not null).Select(row => row!),
            cancellationToken
        );

    /// <summary>Writes rows as a new version's file.</summary>
    public async Task<VersionFile> WriteAsync(IAsyncEnumerable<CanonicalRow> rows, CancellationToken cancellationToken)
    {
        var file = await _writer.WriteAsync(rows, files.NewTemporaryPath(), cancellationToken: cancellationToken);
        await files.AddAsync(file.Path, cancellationToken);
        return file;
    }

    public void Dispose() => _rows.Dispose();

    private string PathOf(DatasetVersion version) => files.PathOf(version.Sha256);

    private static bool Fits(CanonicalRow row, RowChoice choice) =>
        (!choice.OnlyUnanswered || row.Response is null)
        && (!choice.OnlyAnswered || row.Response is not null)
        && (choice.Label is null || row.Label == choice.Label)
        && (choice.Split is null || row.Split == choice.Split)
        && (
            string.IsNullOrEmpty(choice.Contains)
            || new SearchPhrase(choice.Contains) is var sought && (sought.IsIn(row.Prompt) || sought.IsIn(row.Response))
        );

    private static List<CanonicalRow> Draw(List<CanonicalRow> rows, int count, int seed)
    {
        var places = Enumerable.Range(0, rows.Count).ToArray();
        new Random(seed).Shuffle(places);
        return [.. places.Take(count).Order().Select(place => rows[place])];
    }
}
