using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Kinds.Replay;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Checking;

/// <summary>
/// Shows that what is served is what was trained: the same prompts go through the served path and through the model as the training left
/// it, and text, tokens, answers and probabilities are held against each other.
/// </summary>
public sealed class ReplayCheck(
    Authorizer authorizer,
    ModelCatalog models,
    RunService runs,
    FileStore files,
    Errands errands,
    LiveRoutes routes
)
{
    /// <summary>Prompts that are asked.</summary>
    public const int Prompts = 50;

    /// <summary>Checks a draft, and keeps what was found with it.</summary>
    /// <exception cref="JobFailedException">It can't be answered at all; the message says why.</exception>
    public async Task<ReplayReport> CheckAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        CancellationToken cancellationToken
    )
    {
        DeploymentSettings settings;
        ReplaySpec spec;
        string source,
            hash;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken))
        {
            var (_, version) = await DeploymentService.FindAsync(work, deploymentId, versionId, cancellationToken);
            (settings, hash) = (DeploymentService.Readable(version), version.SettingsSha256);
            (spec, source) = await SpecAsync(work, version, settings, cancellationToken);
        }

        var trained = await errands.DoAsync(new ReplayErrand(spec), cancellationToken);
        var served = new List<AnswerTrace>();
        foreach (var prompt in spec.Prompts)
        {
            served.Add(await routes.TraceAsync(projectId, settings, prompt, spec.MaxNewTokens, cancellationToken));
        }

        var report = ReplayReport.Of(trained, served, settings.Chosen.Precision, source);
        await KeepAsync(caller, projectId, deploymentId, versionId, hash, report, cancellationToken);
        return report;
    }

    private async Task KeepAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        string hash,
        ReplayReport report,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageDeployments, cancellationToken);
        var (deployment, version) = await DeploymentService.FindAsync(work, deploymentId, versionId, cancellationToken);
        version.NoteCheck(hash, JsonSerializer.Serialize(report, ProtocolJson.Document), report.Passed, work.Now);
        work.Audit(
            report.Passed ? "deployment.version-checked" : "deployment.check-failed",
            deployment.Id,
            null,
            new
            {
                version.Number,
                version.SettingsSha256,
                report.Prompts,
                report.ChangedAnswers,
                Differs = report.First?.Part,
            }
        );
        await work.SaveAsync(cancellationToken);
    }

    private async Task<(ReplaySpec Spec, string Source)> SpecAsync(
        ProjectWork work,
        DeploymentVersion version,
        DeploymentSettings settings,
        CancellationToken cancellationToken
    )
    {
        var model = models.Get(version.BaseModel);
        var run = version.RunId is { } runId
            ? await work.Db.Runs.AsNoTracking().Include(r => r.Job).SingleAsync(r => r.Id == runId, cancellationToken)
            : null;
        var trained = run is null
            ? null
            : StoredSpec.TryRead(run.Spec, run.SpecSha256) ?? throw new RuleViolationException(StoredSpec.Changed);
        if (trained?.BaseModelSha256 is { } sha && !ModelHash.IsOf(model.Path, sha))
        {
            throw new RuleViolationException(
                $"The files of {model.Id} are not those that run {run!.Number} was trained on: they were replaced since. Train again on what is there now."
            );
        }

        var (prompts, source) = await PromptsAsync(work, run, cancellationToken);
        return (
            new ReplaySpec
            {
                BaseModel = model.Path,
                BaseModelSha256 = settings.BaseSha256,
                Template = trained?.Template ?? PromptTemplate.Chat,
                Result = run is null ? null : runs.AdapterFolder(run),
                Method = run is null or { IsImported: true } ? null : trained!.Method,
                Served = settings.Chosen.Precision,
                Prompts = [.. prompts.Select(p => p with { Messages = Routed.WithSystem(p.Messages, settings.Chosen.System) })],
            },
            source
        );
    }

    /// <summary>Test rows of the version that was learned from; where there are none, plain questions.</summary>
    private async Task<(IReadOnlyList<ReplayPrompt> Prompts, string Source)> PromptsAsync(
        ProjectWork work,
        Run? run,
        CancellationToken cancellationToken
    )
    {
        if (run?.DatasetVersionId is { } versionId)
        {
            var version = await work.VersionAsync(versionId, cancellationToken);
            var data = PublishedFiles.Of(version, files);
            foreach (var (file, name) in new[] { (data.Test, "test"), (data.Validation, "validation"), (data.Train, "training") })
            {
                if (file is { Rows: > 0 } && await ReadAsync(file.Path, cancellationToken) is { Count: > 0 } rows)
                {
                    return (rows, $"{name} rows of {version.Dataset!.Name} v{version.Number}");
                }
            }
        }

        return (PlainQuestions.Take(Prompts), "plain questions, since there are no rows");
    }

    private static async Task<IReadOnlyList<ReplayPrompt>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var prompts = new List<ReplayPrompt>();
        await foreach (var line in File.ReadLinesAsync(path, Encoding.UTF8, cancellationToken))
        {
            if (prompts.Count == Prompts)
            {
                break;
            }

            var row = JsonSerializer.Deserialize<DatasetRow>(line, ProtocolJson.Line)!;
            prompts.Add(new(row.Id, [.. row.Messages.SkipLast(1)]));
        }

        return prompts;
    }
}
