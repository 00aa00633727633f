using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Drift;
using WebTrainer.Embedding;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>How the rows of two versions differ as a whole.</summary>
/// <param name="RowsBefore">Rows of the earlier version.</param>
/// <param name="RowsAfter">Rows of the later one.</param>
/// <param name="Report">On a sample of each: the earlier is the reference, the later the window.</param>
/// <param name="Texts">The prompts of the rows that findings name, by id.</param>
public sealed record VersionDriftView(long RowsBefore, long RowsAfter, DriftReport Report, IReadOnlyDictionary<string, string> Texts)
{
    /// <summary>Whether not all rows were looked at.</summary>
    public bool IsSample => Report.ReferenceRows < RowsBefore || Report.WindowRows < RowsAfter;
}

/// <summary>Compares two versions by lengths, words, labels and meaning: seconds of work, for those who ask for it.</summary>
public sealed class VersionDrift(Authorizer authorizer, FileStore store, VersionFigures figures, ImportLimits limits) : IDisposable
{
    /// <summary>Rows of a version that are looked at, at most, spread evenly over it.</summary>
    public const int MostRows = 2_000;

    /// <summary>Enough for one look, of which the level is not shared among many windows.</summary>
    private const int Draws = 999;

    private readonly SemaphoreSlim _looking = new(1);

    /// <param name="otherId">The earlier version, of any dataset of the project.</param>
    /// <exception cref="RuleViolationException">A version has too few rows to say anything.</exception>
    public async Task<VersionDriftView> LookAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        Guid otherId,
        CancellationToken cancellationToken
    )
    {
        string before,
            after;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            after = await ReadAsync(work, await FindAsync(work, datasetId, number, cancellationToken), store, cancellationToken);
            before = store.PathOf(
                await work
                    .Db.DatasetVersions.Where(v => v.ProjectId == projectId && v.Id == otherId)
                    .Select(v => v.Sha256)
                    .SingleOrDefaultAsync(cancellationToken)
                    ?? throw new NotFoundException("The version to compare with is not in this project.")
            );
        }

        return await figures.OnceAsync($"{before} {after}", () => MeasureAsync(before, after, cancellationToken));
    }

    /// <summary>One comparison after the other: each takes all cores.</summary>
    private async Task<VersionDriftView> MeasureAsync(string before, string after, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            var reader = new VersionReader(limits);
            var (old, now) = (
                await reader.SampleAsync(before, MostRows, cancellationToken),
                await reader.SampleAsync(after, MostRows, cancellationToken)
            );
            var report = await Task.Run(() => Look(old, now), cancellationToken);
            var named = report.Findings.SelectMany(finding => finding.ExampleIds).ToHashSet();
            return new(
                await reader.CountAsync(before, cancellationToken),
                await reader.CountAsync(after, cancellationToken),
                report,
                now.Where(row => named.Contains(row.Id)).ToDictionary(row => row.Id, row => row.Prompt)
            );
        }
        catch (NotComparableException refused)
        {
            throw new RuleViolationException(refused.Message);
        }
        finally
        {
            _looking.Release();
        }
    }

    private static DriftReport Look(IReadOnlyList<CanonicalRow> before, IReadOnlyList<CanonicalRow> after)
    {
        var embedder = new TextEmbedder();
        foreach (var row in before)
        {
            embedder.Learn(row.Prompt);
        }

        var settings = new DriftSettings
        {
            Spending = new() { Windows = 1 },
            Draws = Draws,
            Embed = texts => [.. texts.Select(text => Vector(embedder, text))],
        };
        return new DriftMonitor([.. before.Select(Row)], settings).Look([.. after.Select(Row)]);
    }

    private static DriftRow Row(CanonicalRow row) => new(row.Id, row.Prompt) { Label = row.Label };

    private static float[] Vector(TextEmbedder embedder, string text)
    {
        var bytes = new sbyte[TextEmbedder.Dimensions];
        embedder.Embed(text, bytes);
        return [.. bytes.Select(value => (float)value)];
    }

    public void Dispose() => _looking.Dispose();
}
