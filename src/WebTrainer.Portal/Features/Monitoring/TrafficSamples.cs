using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Uploads;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Which requests are taken.</summary>
public enum SampleKind
{
    /// <summary>Drawn evenly from all.</summary>
    Random,

    /// <summary>Those whose answers were least probable.</summary>
    LowConfidence,

    /// <summary>Those of which somebody said that the answer was bad.</summary>
    BadFeedback,

    /// <summary>Those most unlike what was learned from, as the last look at drift found; what is missing is drawn.</summary>
    Drifted,
}

/// <summary>What is to be taken.</summary>
/// <param name="Count">Requests at most, 1 to <see cref="TrafficSamples.MaxRows"/>.</param>
/// <param name="Days">From the last so many days.</param>
/// <param name="Seed">The same draws from the same requests.</param>
public sealed record SampleRequest(SampleKind Kind, int Count, int Days = 30, long Seed = 1);

/// <summary>
/// Makes a dataset version of an endpoint's requests, to be labeled: their texts without the answers, so that who labels them is not led,
/// each with the id of its request and the version that answered beside it.
/// </summary>
public sealed class TrafficSamples(
    Authorizer authorizer,
    DataFolder folder,
    TrafficLog log,
    UploadService uploads,
    DatasetImports imports,
    TrafficDrift drift
)
{
    public const int MaxRows = 1000;
    private readonly TrafficFiles _files = new(folder.Traffic);

    /// <returns>The new version of the endpoint's dataset of traffic.</returns>
    /// <exception cref="RuleViolationException">Texts are not kept, or there are no such requests.</exception>
    public async Task<VersionView> TakeAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        SampleRequest request,
        CancellationToken cancellationToken
    )
    {
        Deployment deployment;
        List<TrafficRecord> chosen;
        Dictionary<Guid, int> numbers;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            deployment = await work.EndpointAsync(deploymentId, cancellationToken);
            chosen = await ChooseAsync(work, deployment, request, cancellationToken);
            numbers = await work
                .Db.DeploymentVersions.Where(v => v.DeploymentId == deploymentId)
                .ToDictionaryAsync(v => v.Id, v => v.Number, cancellationToken);
            work.Audit("deployment.sampled", deployment.Id, null, new { request.Kind, Rows = chosen.Count });
            await work.SaveAsync(cancellationToken);
        }

        var lines = chosen.SelectMany(record =>
            (byte[])
                [
                    .. JsonSerializer.SerializeToUtf8Bytes(
                        new
                        {
                            prompt = record.Prompt,
                            request_id = record.Id,
                            endpoint_version = numbers.GetValueOrDefault(record.Version),
                            asked_at = record.At,
                        }
                    ),
                    (byte)'\n',
                ]
        );
        using var body = new MemoryStream([.. lines]);
        var name = $"Traffic of {deployment.Name}";
        var upload = await uploads.ReceiveAsync(caller, projectId, $"{deployment.Name}.jsonl", body.Length, body, cancellationToken);
        return await imports.ImportAsync(
            caller,
            projectId,
            upload.Id,
            name,
            new ColumnMapping
            {
                Shape = DataShape.PromptCompletion,
                Prompt = "prompt",
                Extra = ["request_id", "endpoint_version", "asked_at"],
                KeepUnanswered = true,
            },
            cancellationToken
        );
    }

    private async Task<List<TrafficRecord>> ChooseAsync(
        ProjectWork work,
        Deployment deployment,
        SampleRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Count is < 1 or > MaxRows || request.Days < 1)
        {
            throw new RuleViolationException($"Take 1 to {MaxRows} requests of at least one day.");
        }

        var from = work.Now.AddDays(-request.Days);
        log.Write();
        var all = _files
            .RowFiles(deployment.Id)
            .Where(file => TrafficFiles.HourOf(file).AddHours(1) > from)
            .SelectMany(TrafficFiles.Read)
            .Where(r => r.At >= from && !r.Shadow && r.Status == StatusCodes.Status200OK && !string.IsNullOrWhiteSpace(r.Prompt))
            .DistinctBy(r => r.Prompt)
            .ToList();
        if (all.Count == 0)
        {
            throw new RuleViolationException(
                deployment.ContentDays is null
                    ? "Texts of requests are not kept, so there is nothing to label. A lead can turn that on; it holds for requests from then on."
                    : "There is no request with its text in this time."
            );
        }

        IEnumerable<TrafficRecord> chosen = request.Kind switch
        {
            SampleKind.LowConfidence => all.Where(r => r.Confidence is not null).OrderBy(r => r.Confidence),
            SampleKind.BadFeedback => await BadAsync(work, deployment, all, cancellationToken),
            SampleKind.Drifted => Drifted(deployment, all, request.Seed),
            _ => Shuffled(all, request.Seed),
        };
        List<TrafficRecord> taken = [.. chosen.Take(request.Count)];
        return taken.Count > 0
            ? taken
            : throw new RuleViolationException(
                request.Kind switch
                {
                    SampleKind.LowConfidence => "None of these answers has a probability; take them by chance.",
                    SampleKind.BadFeedback => "Nobody said of any of these answers that it was bad.",
                    _ => "No look at drift has named requests of this time. Look for drift first.",
                }
            );
    }

    private static async Task<IEnumerable<TrafficRecord>> BadAsync(
        ProjectWork work,
        Deployment deployment,
        List<TrafficRecord> all,
        CancellationToken cancellationToken
    )
    {
        var said = await work.Db.Feedbacks.AsNoTracking().Where(f => f.DeploymentId == deployment.Id).ToListAsync(cancellationToken);
        var bad = said.Where(f => f.IsGood == false).Select(f => f.RequestId).ToHashSet();
        return all.Where(r => bad.Contains(r.Id));
    }

    // Those that were named are few: the rest of the number is drawn from what else was asked.
    private IEnumerable<TrafficRecord> Drifted(Deployment deployment, List<TrafficRecord> all, long seed)
    {
        var named = drift.LastOf(deployment.Id)?.Report.Findings.Where(f => f.IsAlarm).SelectMany(f => f.ExampleIds).ToHashSet() ?? [];
        var found = all.Where(r => named.Contains(r.Id)).ToList();
        return found.Count == 0 ? found : found.Concat(Shuffled(all, seed)).Distinct();
    }

    private static TrafficRecord[] Shuffled(List<TrafficRecord> all, long seed)
    {
        TrafficRecord[] drawn = [.. all];
        new Random((int)(seed % int.MaxValue)).Shuffle(drawn);
        return drawn;
    }
}
