using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Policies;
using WebTrainer.Portal.Access;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets.Policies;

/// <summary>
/// What a use case asks before it acts: whether the project's policy lets it. A refusal is written into the audit log and says of every
/// rule that fails what to do.
/// </summary>
public static class PolicyGate
{
    /// <param name="version">The data that it is done with.</param>
    /// <param name="privacy">What runs tell of it; null where nothing learns.</param>
    /// <exception cref="RuleViolationException">A rule fails.</exception>
    public static async Task CheckPolicyAsync(
        this ProjectWork work,
        PolicyAct act,
        DatasetVersion version,
        CancellationToken cancellationToken,
        PolicyPrivacy? privacy = null
    )
    {
        if (await work.PolicyAsync(cancellationToken) is not { } policy)
        {
            return;
        }

        var facts = await work.PolicyFactsAsync(version, privacy, cancellationToken);
        await work.CheckAsync(PolicyRules.Judge(policy, act, facts, facts.Name, work.Now), act, version.Id, cancellationToken);
    }

    /// <summary>As the other, for what nothing is known of but its name: an adapter that was brought in.</summary>
    public static async Task CheckPolicyAsync(
        this ProjectWork work,
        PolicyAct act,
        Guid subject,
        string name,
        CancellationToken cancellationToken
    )
    {
        if (await work.PolicyAsync(cancellationToken) is { } policy)
        {
            await work.CheckAsync(PolicyRules.Judge(policy, act, null, name, work.Now), act, subject, cancellationToken);
        }
    }

    /// <summary>As the other, for a base model that answers as it is.</summary>
    public static async Task CheckPolicyOfNodeAsync(this ProjectWork work, Guid subject, CancellationToken cancellationToken)
    {
        if (await work.PolicyAsync(cancellationToken) is { } policy)
        {
            await work.CheckAsync(PolicyRules.JudgeNode(policy), PolicyAct.Deploy, subject, cancellationToken);
        }
    }

    /// <summary>A file that is to become a dataset.</summary>
    public static async Task CheckPolicyAsync(this ProjectWork work, Upload upload, CancellationToken cancellationToken)
    {
        if (await work.PolicyAsync(cancellationToken) is not { } policy)
        {
            return;
        }

        var source = SourceOf(upload);
        // nobody can have noted the licence of a file that just arrived; publishing asks for it
        var known = policy with
        {
            Licenses = source.License.Length > 0 ? policy.Licenses : [],
        };
        var facts = new PolicyFacts(upload.FileName, [source], null, null, LeaksAnswered: false, []);
        await work.CheckAsync(
            PolicyRules.Judge(known, PolicyAct.Import, facts, upload.FileName, work.Now),
            PolicyAct.Import,
            upload.Id,
            cancellationToken
        );
    }

    /// <summary>The project's rules; null where it has none.</summary>
    public static Task<ProjectPolicy?> PolicyAsync(this ProjectWork work, CancellationToken cancellationToken) =>
        work.Db.Projects.Where(p => p.Id == work.ProjectId).Select(p => p.Policy).SingleAsync(cancellationToken);

    /// <summary>Whether two people beside who handed it in must approve.</summary>
    /// <param name="cost">In the project's currency; null where it is not known, 0 of what has none.</param>
    public static async Task<bool> NeedsTwoApproversAsync(this ProjectWork work, double? cost, CancellationToken cancellationToken) =>
        await work.PolicyAsync(cancellationToken) is { } policy && policy.AsksForTwo(cost);

    /// <summary>What device time costs in the project's currency; null where the time or the price is not known.</summary>
    public static async Task<double?> CostOfAsync(this ProjectWork work, TimeSpan? time, CancellationToken cancellationToken) =>
        time?.TotalHours
        * await work.Db.Projects.Where(p => p.Id == work.ProjectId).Select(p => p.DeviceHourPrice).SingleAsync(cancellationToken);

    /// <summary>What is known of a version for a policy to judge.</summary>
    public static async Task<PolicyFacts> PolicyFactsAsync(
        this ProjectWork work,
        DatasetVersion version,
        PolicyPrivacy? privacy,
        CancellationToken cancellationToken
    )
    {
        var way = await AncestorsAsync(work, version, cancellationToken);
        var uploads = await UploadsOfAsync(work, way, cancellationToken);
        return new PolicyFacts(
            $"{version.Dataset!.Name} v{version.Number}",
            [.. uploads.Select(SourceOf)],
            version.PersonalRows,
            version.LeakRows,
            version.LeakReason is not null,
            [
                .. way.OrderBy(v => v.CreatedAt)
                    .SelectMany(DatasetDocuments.AgreementOf)
                    .Select(a => new PolicyAgreement(a.Question, a.Alpha)),
            ],
            privacy
        );
    }

    private static PolicySource SourceOf(Upload upload) =>
        new(upload.FileName, DatasetDocuments.RightsOf(upload)?.License.Trim() ?? "", upload.CreatedAt);

    private static async Task CheckAsync(
        this ProjectWork work,
        IReadOnlyList<PolicyFinding> findings,
        PolicyAct act,
        Guid subject,
        CancellationToken cancellationToken
    )
    {
        var failed = findings.Where(f => !f.IsMet).ToList();
        if (failed.Count == 0)
        {
            return;
        }

        var refusal = new RuleViolationException(string.Join(' ', failed.Select(f => f.Sentence)));
        await work.RefuseAsync($"policy.refused-{Word(act)}", subject, refusal, cancellationToken);
        throw refusal;
    }

    private static string Word(PolicyAct act) =>
        act switch
        {
            PolicyAct.ExportData or PolicyAct.ExportModel => "export",
            PolicyAct.Import => "import",
            PolicyAct.Publish => "publish",
            PolicyAct.Run => "run",
            _ => "deploy",
        };
}
