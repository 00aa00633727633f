using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Projects;
using WebTrainer.Drift;
using WebTrainer.Embedding;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>What a look at an endpoint's last requests found.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Reference">What the requests were held against, in words.</param>
/// <param name="Texts">The requests that findings name, by id.</param>
public sealed record TrafficDriftView(DateTimeOffset At, string Reference, DriftReport Report, IReadOnlyDictionary<string, string> Texts);

/// <summary>Holds the last requests of an endpoint against what its live version learned from.</summary>
public sealed class TrafficDrift(Authorizer authorizer, FileStore store, DataFolder folder, TrafficLog log, ImportLimits limits)
    : IDisposable
{
    /// <summary>Requests that are looked at, the newest.</summary>
    public const int Window = 500;

    /// <summary>Rows of the snapshot that are looked at, spread evenly over it.</summary>
    public const int ReferenceRows = 2000;

    private readonly TrafficFiles _files = new(folder.Traffic);
    private readonly ConcurrentDictionary<Guid, TrafficDriftView> _last = new();
    private readonly SemaphoreSlim _looking = new(1);

    /// <summary>What the last look since the portal began found; null where nobody has looked.</summary>
    public TrafficDriftView? LastOf(Guid deployment) => _last.GetValueOrDefault(deployment);

    /// <summary>As <see cref="LastOf"/>, for those who may see requests; pages show the part to nobody else.</summary>
    public async Task<(bool May, TrafficDriftView? Last)> LastAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var deployment = await work.EndpointAsync(deploymentId, cancellationToken);
        var may = work.Role.Allows(Permission.ManageDeployments);
        return (may, may ? LastOf(deployment.Id) : null);
    }

    /// <summary>Looks now, for somebody who asks: seconds of work.</summary>
    /// <exception cref="RuleViolationException">There is nothing to hold against each other; the sentence says what is missing.</exception>
    public async Task<TrafficDriftView> LookAsync(Caller caller, Guid projectId, Guid deploymentId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var deployment = await work.EndpointAsync(deploymentId, cancellationToken);
        work.Audit("deployment.drift-looked-for", deployment.Id);
        await work.SaveAsync(cancellationToken);
        return await LookAsync(work.Db, deployment, work.Now, cancellationToken);
    }

    /// <summary>Looks now, for the server itself.</summary>
    /// <exception cref="RuleViolationException">There is nothing to hold against each other; the sentence says what is missing.</exception>
    internal async Task<TrafficDriftView> LookAsync(
        AppDb db,
        Deployment deployment,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (deployment.ContentDays is null)
        {
            throw new RuleViolationException(
                "Texts of requests are not kept, so they can't be held against what was learned from. A lead can turn that on for this endpoint."
            );
        }

        var data =
            await db
                .DeploymentVersions.Where(v => v.Id == deployment.LiveVersionId)
                .Join(db.Runs, v => v.RunId, r => r.Id, (_, r) => r.DatasetVersionId)
                .Join(
                    db.DatasetVersions,
                    id => id,
                    v => v.Id,
                    (_, v) =>
                        new
                        {
                            v.Sha256,
                            v.Dataset!.Name,
                            v.Number,
                        }
                )
                .SingleOrDefaultAsync(cancellationToken)
            ?? throw new RuleViolationException(
                "What is live was not trained on data of this portal, so there is nothing to hold requests against."
            );
        await _looking.WaitAsync(cancellationToken); // each takes all cores
        try
        {
            var rows = await new VersionReader(limits).SampleAsync(store.PathOf(data.Sha256), ReferenceRows, cancellationToken);
            var window = Newest(deployment.Id).Take(Window).ToList();
            var report = await Task.Run(() => Look(rows, window), cancellationToken);
            var named = report.Findings.SelectMany(finding => finding.ExampleIds).ToHashSet();
            return _last[deployment.Id] = new(
                now,
                $"{data.Name} v{data.Number}",
                report,
                window.Where(r => named.Contains(r.Id)).ToDictionary(r => r.Id, r => r.Prompt!)
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

    /// <summary>Whether so many requests came since the last look that another says something new.</summary>
    internal bool HasNewWindow(Guid deployment)
    {
        var since = LastOf(deployment)?.At ?? DateTimeOffset.MinValue;
        return Newest(deployment).TakeWhile(r => r.At > since).Take(Window).Count() == Window;
    }

    public void Dispose() => _looking.Dispose();

    private IEnumerable<TrafficRecord> Newest(Guid deployment)
    {
        log.Write();
        return _files
            .RowFiles(deployment)
            .Reverse()
            .SelectMany(file => TrafficFiles.Read(file).Reverse())
            .Where(r => !r.Shadow && !string.IsNullOrWhiteSpace(r.Prompt));
    }

    // Labels of the snapshot are people's, the window's are the model's: the two are held against each other only as shares of answers.
    private static DriftReport Look(IReadOnlyList<CanonicalRow> reference, List<TrafficRecord> window)
    {
        var embedder = new TextEmbedder();
        foreach (var row in reference)
        {
            embedder.Learn(row.Prompt);
        }

        var settings = new DriftSettings
        {
            Embed = texts =>
                [
                    .. texts.Select(text =>
                    {
                        var bytes = new sbyte[TextEmbedder.Dimensions];
                        embedder.Embed(text, bytes);
                        return (float[])[.. bytes.Select(value => (float)value)];
                    }),
                ],
        };
        return new DriftMonitor([.. reference.Select(row => new DriftRow(row.Id, row.Prompt) { Label = row.Label })], settings).Look([
            .. window.Select(r => new DriftRow(r.Id, r.Prompt!) { Label = r.Label }),
        ]);
    }
}
