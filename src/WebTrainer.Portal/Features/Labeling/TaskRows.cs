using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Which rows of a version become a task's items.</summary>
/// <param name="Limit">How many; null for all.</param>
/// <param name="AtRandom">Drawn from the whole version instead of its beginning; they keep the version's order.</param>
/// <param name="OnlyUnanswered">Leave out rows that have a response already.</param>
/// <param name="Seed">The same seed draws the same rows.</param>
public sealed record RowChoice(int? Limit = null, bool AtRandom = false, bool OnlyUnanswered = false, int Seed = 42);

/// <summary>What labeling reads and writes of dataset versions.</summary>
public sealed class TaskRows(FileStore files) : IDisposable
{
    /// <summary>More would be months of work, and nobody could look over it.</summary>
    public const int MaxItems = 20_000;

    private readonly RowReader _rows = new();
    private readonly VersionReader _reader = new();
    private readonly VersionWriter _writer = new();

    /// <summary>The labels that the version's rows have, in ordinal order.</summary>
    public async Task<IReadOnlyList<string>> LabelsAsync(DatasetVersion version, CancellationToken ct)
    {
        var counts = await _rows.CountLabelsAsync(PathOf(version), ct);
        return [.. counts.Select(c => c.Label).OfType<string>().Order(StringComparer.Ordinal)];
    }

    /// <returns>Ids of the chosen rows, in the version's order.</returns>
    /// <exception cref="RuleViolationException">There are none, or too many.</exception>
    public async Task<IReadOnlyList<string>> ChooseAsync(DatasetVersion version, LabelKind kind, RowChoice choice, CancellationToken ct)
    {
        if (choice.Limit is <= 0)
            throw new RuleViolationException("Take at least one row.");
        var fitting = new List<string>();
        await foreach (var row in _reader.ReadAsync(PathOf(version), cancellationToken: ct))
        {
            if (kind == LabelKind.Rate ? row.Response is not null : !choice.OnlyUnanswered || row.Response is null)
                fitting.Add(row.Id);
        }

        var count = Math.Min(choice.Limit ?? fitting.Count, fitting.Count);
        if (count == 0)
            throw new RuleViolationException(NoRows(kind));
        if (count > MaxItems)
            throw new RuleViolationException($"This would be {count:N0} items; a task holds at most {MaxItems:N0}. Take fewer rows.");
        return choice.AtRandom ? Draw(fitting, count, choice.Seed) : fitting[..count];
    }

    public async Task<CanonicalRow> FindAsync(DatasetVersion version, string rowId, CancellationToken ct) =>
        await _rows.FindAsync(PathOf(version), rowId, ct)
        ?? throw new InvalidOperationException($"Version {version.Id} has no row {rowId}, though an item was made of it.");

    /// <summary>Writes a new version's file: each row as <paramref name="change"/> makes it; rows that it makes null are left out.</summary>
    public async Task<VersionFile> WriteAsync(DatasetVersion parent, Func<CanonicalRow, CanonicalRow?> change, CancellationToken ct)
    {
        var rows = _reader.ReadAsync(PathOf(parent), cancellationToken: ct).Select(change).Where(row => row is not null);
        var file = await _writer.WriteAsync(rows!, files.NewTemporaryPath(), cancellationToken: ct);
        await files.AddAsync(file.Path, ct);
        return file;
    }

    public void Dispose() => _rows.Dispose();

    private string PathOf(DatasetVersion version) => files.PathOf(version.Sha256);

    private static List<string> Draw(List<string> ids, int count, int seed)
    {
        var places = Enumerable.Range(0, ids.Count).ToArray();
        new Random(seed).Shuffle(places);
        return [.. places.Take(count).Order().Select(place => ids[place])];
    }

    private static string NoRows(LabelKind kind) => kind == LabelKind.Rate
        ? "No row of this version has a response to rate. Choose another version."
        : "No row of this version fits. Take rows that have a response as well, or choose another version.";
}
