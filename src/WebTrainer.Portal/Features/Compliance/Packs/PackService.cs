using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Domain;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Compliance.Checklists;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Cards;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Proof;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Compliance.Packs;

/// <summary>Makes evidence packs of runs and of what answers at endpoints, for who audits them.</summary>
public sealed class PackService(
    Authorizer authorizer,
    RunService runs,
    PrivacyLosses losses,
    DatasetDocuments documents,
    EvaluationService evaluations,
    ModelCards cards,
    ChecklistService checklists,
    ModelCatalog models,
    RunFolders folders,
    DataFolder data,
    ProofKeys keys,
    AuditFiles audit,
    AuditSigner signer
)
{
    /// <summary>The act that makes a pack, which no pack holds: else none could be made again.</summary>
    public const string Packed = "evidence.packed";

    private const int MostActs = 2_000;

    /// <summary>All that is known of a run that has begun.</summary>
    public Task<EvidencePack> OfRunAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        MakeAsync(caller, projectId, runId, null, cancellationToken);

    /// <summary>All that is known of a version of an endpoint, and of the run behind it.</summary>
    public async Task<EvidencePack> OfVersionAsync(
        Caller caller,
        Guid projectId,
        Guid deploymentId,
        Guid versionId,
        CancellationToken cancellationToken
    )
    {
        Served served;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken))
        {
            var deployment =
                await work
                    .Db.Deployments.AsNoTracking()
                    .SingleOrDefaultAsync(d => d.Id == deploymentId && d.ProjectId == projectId, cancellationToken)
                ?? throw new NotFoundException("The project has no such endpoint.");
            var version =
                await work
                    .Db.DeploymentVersions.AsNoTracking()
                    .SingleOrDefaultAsync(v => v.Id == versionId && v.DeploymentId == deploymentId, cancellationToken)
                ?? throw new NotFoundException("The endpoint has no such version.");
            served = new(deployment, version);
        }

        return served.Version.RunId is { } run
            ? await MakeAsync(caller, projectId, run, served, cancellationToken)
            : throw new RuleViolationException(
                $"Version {served.Version.Number} is a base model as it is: nothing was trained or approved of it here that a pack could show."
            );
    }

    private sealed record Served(Deployment Deployment, DeploymentVersion Version);

    private async Task<EvidencePack> MakeAsync(
        Caller caller,
        Guid projectId,
        Guid runId,
        Served? served,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageMembers, cancellationToken);
        var view = await runs.GetAsync(caller, projectId, runId, cancellationToken);
        if (view.Problem is { } problem)
        {
            throw new RuleViolationException(problem);
        }

        var pack = new EvidencePack(
            served is null
                ? $"run-{view.Run.Number}-evidence.zip"
                : string.Create(CultureInfo.InvariantCulture, $"{served.Deployment.Name}-v{served.Version.Number}-evidence.zip")
        );
        var text = new PackText(view, served?.Deployment, served?.Version);
        AddSettings(pack, view, served);
        await AddApprovalsAsync(work, pack, text, view, served, cancellationToken);
        var subjects = await AddDataAsync(work, pack, text, caller, view, cancellationToken);
        var evaluation = await AddEvaluationAsync(work, pack, text, caller, view, cancellationToken);
        pack.Add("model-card.md", await cards.WriteAsync(caller, projectId, runId, ModelForm.Adapter, cancellationToken));
        await AddPolicyAsync(work, pack, text, caller, view, served, cancellationToken);
        AddArtefacts(pack, text, view);
        pack.Add("bom.json", BillOfMaterials.CycloneDx(BaseModels(view)));
        subjects.UnionWith([projectId, runId]);
        subjects.UnionWith(new[] { served?.Deployment.Id, evaluation?.Evaluation.Id, view.Run.SearchId, view.Run.JobId }.OfType<Guid>());
        await AddAuditAsync(work, pack, text, subjects, cancellationToken);
        pack.Add(EvidencePack.Script, await ScriptAsync(cancellationToken));
        pack.Text = text.ToString();
        pack.Add("evidence.md", pack.Text);
        var sha256 = pack.Sign(keys);
        work.Audit(Packed, served?.Deployment.Id ?? runId, null, new { Version = served?.Version.Number, Manifest = sha256 });
        await work.SaveAsync(cancellationToken);
        return pack;
    }

    /// <summary>The very texts whose hashes people approved.</summary>
    private static void AddSettings(EvidencePack pack, RunView view, Served? served)
    {
        var approved = new StringBuilder();
        pack.Add("settings.json", view.Run.Spec);
        approved.Append(CultureInfo.InvariantCulture, $"{view.Run.SpecSha256}\tsettings.json\n");
        if (served is not null)
        {
            pack.Add("endpoint-settings.json", served.Version.Settings);
            approved.Append(CultureInfo.InvariantCulture, $"{served.Version.SettingsSha256}\tendpoint-settings.json\n");
            if (served.Version.CheckReport is { } check)
            {
                pack.Add("endpoint-check.json", check);
            }
        }

        pack.Add("approved.tsv", approved.ToString());
    }

    private static async Task AddApprovalsAsync(
        ProjectWork work,
        EvidencePack pack,
        PackText text,
        RunView view,
        Served? served,
        CancellationToken cancellationToken
    )
    {
        var (run, version) = (view.Run, served?.Version);
        var names = await work.PeopleNamesAsync(
            new[]
            {
                run.SubmittedBy,
                run.FirstApprovedBy,
                run.DecidedBy,
                version?.ChangedBy,
                version?.FirstApprovedBy,
                version?.ApprovedBy,
            }.OfType<string>(),
            cancellationToken
        );
        string? Name(string? id) => id is null ? null : names.GetValueOrDefault(id, "somebody whose account is gone");
        List<PackApproval> approvals =
        [
            new(
                $"run {run.Number}",
                run.SpecSha256,
                Name(run.SubmittedBy)!,
                run.SubmittedAt,
                Name(run.FirstApprovedBy),
                run.FirstApprovedAt,
                run.Approval.ToString(),
                Name(run.DecidedBy),
                run.DecidedAt,
                view.LikeNumber is { } like ? $"by the policy, as run {like} was: the same data and method" : run.DecisionReason
            ),
        ];
        if (version is not null)
        {
            approvals.Add(
                new(
                    $"endpoint {served!.Deployment.Name}, version {version.Number}",
                    version.SettingsSha256,
                    Name(version.ChangedBy)!,
                    version.ChangedAt,
                    Name(version.FirstApprovedBy),
                    version.FirstApprovedAt,
                    version.State.ToString(),
                    Name(version.ApprovedBy),
                    version.ApprovedAt,
                    version.Reason
                )
            );
        }

        pack.Add("approvals.json", PackJson.Write(approvals));
        text.Approvals(approvals);
    }

    /// <returns>Ids of what the data was made of, which acts name.</returns>
    private async Task<HashSet<Guid>> AddDataAsync(
        ProjectWork work,
        EvidencePack pack,
        PackText text,
        Caller caller,
        RunView view,
        CancellationToken cancellationToken
    )
    {
        if (view.Data is not { } named)
        {
            text.NoData();
            return [];
        }

        var facts = await documents.FactsAsync(caller, work.ProjectId, named.DatasetId, named.Number, cancellationToken);
        pack.Add("datasheet.md", DatasetCard.Write(facts));
        pack.Add("croissant.json", Croissant.Write(facts, $"urn:uuid:{facts.Id}", $"urn:sha256:{facts.Sha256}"));
        var privacy = await losses.OfVersionAsync(caller, work.ProjectId, named.Id, cancellationToken);
        pack.Add(
            "privacy.json",
            PackJson.Write(
                new
                {
                    privacy.Sums,
                    privacy.Runs,
                    privacy.Unbounded,
                }
            )
        );
        var version = await work.VersionAsync(named.Id, cancellationToken);
        var way = await VersionQueries.AncestorsAsync(work, version, cancellationToken);
        pack.Add(
            "agreement.json",
            PackJson.Write(
                way.Where(v => v.Kind == VersionKind.Labeled)
                    .OrderBy(v => v.CreatedAt)
                    .Select(v => new
                    {
                        Version = $"{v.Dataset!.Name} v{v.Number}",
                        Task = RecipeJson.Element(v.Recipe),
                        Found = RecipeJson.Element(v.Report),
                    })
            )
        );
        text.Data(facts, privacy, version);
        return [.. way.SelectMany(v => new[] { v.Id, v.DatasetId, v.UploadId ?? v.Id })];
    }

    private async Task<EvaluationView?> AddEvaluationAsync(
        ProjectWork work,
        EvidencePack pack,
        PackText text,
        Caller caller,
        RunView view,
        CancellationToken cancellationToken
    )
    {
        var evaluation = await evaluations.NewestOfRunAsync(caller, work.ProjectId, view.Run.Id, cancellationToken);
        text.Evaluation(evaluation);
        if (evaluation is null)
        {
            return null;
        }

        pack.Add("evaluation.json", evaluation.Evaluation.Report!);
        pack.Add("evaluation-settings.json", evaluation.Evaluation.Spec);
        var rows = folders.Of(evaluation.Evaluation.JobId).Examples;
        var judged = await work.VersionAsync(evaluation.Evaluation.DatasetVersionId, cancellationToken);
        if (await WhyRowsStayAsync(work, judged, cancellationToken) is { } why)
        {
            pack.Add("evaluation-rows.md", $"The rows are not in this pack. {why}\n");
        }
        else if (File.Exists(rows))
        {
            pack.Add("evaluation-rows.jsonl", await File.ReadAllBytesAsync(rows, cancellationToken));
        }

        return evaluation;
    }

    /// <summary>Rows leave the portal with a pack only where the policy lets rows leave it.</summary>
    private static async Task<string?> WhyRowsStayAsync(ProjectWork work, DatasetVersion version, CancellationToken cancellationToken)
    {
        if (await work.PolicyAsync(cancellationToken) is not { } policy)
        {
            return null;
        }

        var facts = await work.PolicyFactsAsync(version, null, cancellationToken);
        var failed = PolicyRules.Judge(policy, PolicyAct.ExportData, facts, facts.Name, work.Now).Where(f => !f.IsMet).ToList();
        return failed.Count == 0 ? null : string.Join(' ', failed.Select(f => f.Sentence));
    }

    private async Task AddPolicyAsync(
        ProjectWork work,
        EvidencePack pack,
        PackText text,
        Caller caller,
        RunView view,
        Served? served,
        CancellationToken cancellationToken
    )
    {
        var policy = await work.PolicyAsync(cancellationToken) ?? ProjectPolicy.None;
        PolicyFacts? facts = null;
        if (view.Data is { } named)
        {
            var version = await work.VersionAsync(named.Id, cancellationToken);
            var privacy = await PrivacyLosses.AskedAsync(work, named.Id, view.Spec.Privacy?.Epsilon, view.Run.Id, cancellationToken);
            facts = await work.PolicyFactsAsync(version, privacy, cancellationToken);
        }

        // a run is judged as of its approval, so that the same pack comes of it later
        var (act, at) = served is null ? (PolicyAct.Run, view.Run.DecidedAt ?? view.Run.SubmittedAt) : (PolicyAct.Deploy, work.Now);
        var findings = PolicyRules.Judge(policy, act, facts, $"run {view.Run.Number}", at);
        pack.Add("policy.json", PackJson.Write(new { Policy = policy, Findings = findings }));
        var lists = await checklists.OfRunAsync(caller, work.ProjectId, view.Run.Id, cancellationToken);
        pack.Add("checklists.json", PackJson.Write(lists.Sets));
        text.Policy(policy, findings, lists.Sets);
    }

    private void AddArtefacts(EvidencePack pack, PackText text, RunView view)
    {
        List<PackArtefact> all =
        [
            new("base model", view.Run.BaseModel, view.Spec.BaseModelSha256),
            .. new[]
            {
                ("rows to learn from", view.Spec.Data?.Train),
                ("rows to watch by", view.Spec.Data?.Validation),
                ("rows to judge by", view.Spec.Data?.Test),
            }
                .Where(file => file.Item2 is not null)
                .Select(file => new PackArtefact(file.Item1, $"{file.Item2!.Rows} rows", file.Item2.Sha256)),
        ];
        if (runs.AdapterFolder(view.Run) is { } folder)
        {
            all.AddRange(
                Directory
                    .EnumerateFiles(folder)
                    .Order(StringComparer.Ordinal)
                    .Select(file => new PackArtefact("result", Path.GetFileName(file), HashOf(file)))
            );
            all.Add(new("result, as the endpoint's settings name it", "all files of the model", ModelHash.Of(folder)));
        }

        pack.Add("artefacts.json", PackJson.Write(all));
        text.Artefacts(all);
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private IEnumerable<BillOfMaterials.Component> BaseModels(RunView view) =>
        models.List().FirstOrDefault(m => m.Id == view.Run.BaseModel) is { } model
            ? [new(model.HubName ?? model.Id, view.Spec.BaseModelSha256 ?? "not known", model.License ?? "Not stated")]
            : [];

    private async Task AddAuditAsync(
        ProjectWork work,
        EvidencePack pack,
        PackText text,
        HashSet<Guid> subjects,
        CancellationToken cancellationToken
    )
    {
        var names = subjects.Select(id => id.ToString()).ToList();
        var acts = await work
            .Db.Audit.AsNoTracking()
            .Where(e => e.ProjectId == work.ProjectId && names.Contains(e.Subject) && e.Action != Packed)
            .OrderBy(e => e.Id)
            .Take(MostActs)
            .ToListAsync(cancellationToken);
        var proof = await ProveAsync([.. acts.Select(a => a.Id)], cancellationToken);
        pack.Add("audit/head.txt", proof.Head.SignedText);
        pack.Add("audit/head.sig", DeterministicSignature.ToDer(proof.Head.Signature));
        var list = new StringBuilder();
        foreach (var entry in proof.Entries)
        {
            pack.Add(string.Create(CultureInfo.InvariantCulture, $"audit/entries/{entry.Id}.bin"), entry.Content);
            list.Append(CultureInfo.InvariantCulture, $"{entry.Id}\t{entry.Index}\t{string.Join(' ', entry.Path)}\n");
        }

        pack.Add("audit/entries.tsv", list.ToString());
        var named = await AuditSubjects.NamesAsync(work, acts.Select(a => a.Subject), cancellationToken);
        var told = acts.ConvertAll(act => (act, new AuditLine(act, named.GetValueOrDefault(act.Subject)).Sentence));
        pack.Add("audit/acts.json", PackJson.Write(told.Select(act => Readable(act.act, act.Sentence))));
        text.Acts(told, proof.Head, acts.Count == MostActs);
    }

    private static object Readable(AuditEntry act, string words) =>
        new
        {
            act.Id,
            act.At,
            Who = act.UserName,
            act.Action,
            Words = words,
            act.Subject,
            Before = Details(act.Before),
            After = Details(act.After),
        };

    // What was erased is a sentence and no JSON.
    private static object? Details(string? details) =>
        details is null ? null : Stored.TryRead(() => JsonNode.Parse(details)) ?? (object)details;

    private async Task<AuditInclusion> ProveAsync(IReadOnlyList<long> entries, CancellationToken cancellationToken)
    {
        try
        {
            if (Prove() is { } there)
            {
                return there;
            }

            await signer.SignNowAsync(cancellationToken); // the newest acts are in no head yet
            return Prove()
                ?? throw new RuleViolationException(
                    signer.Problem ?? "No head of the audit log could be signed. Check the log on its page."
                );
        }
        catch (InvalidDataException fault)
        {
            throw new RuleViolationException($"{fault.Message} No pack is made that rests on it. Check the log on its page.");
        }

        AuditInclusion? Prove()
        {
            var heads = audit.OpenHeads().Read(out _).Where(keys.HasSigned).OrderBy(head => head.Size).ToList();
            return AuditInclusion.Prove(data.Database, heads, entries, cancellationToken);
        }
    }

    private static async Task<string> ScriptAsync(CancellationToken cancellationToken)
    {
        await using var stream = typeof(PackService).Assembly.GetManifestResourceStream("verify.sh")!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
