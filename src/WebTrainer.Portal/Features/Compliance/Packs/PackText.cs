using System.Globalization;
using System.Text;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Policies;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Compliance.Checklists;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Proof.Heads;

namespace WebTrainer.Portal.Features.Compliance.Packs;

/// <summary>Who handed something in and who approved it, with the hash of what they saw.</summary>
public sealed record PackApproval(
    string What,
    string Sha256,
    string HandedInBy,
    DateTimeOffset HandedInAt,
    string? FirstApprovedBy,
    DateTimeOffset? FirstApprovedAt,
    string State,
    string? ApprovedBy,
    DateTimeOffset? ApprovedAt,
    string? Reason
);

/// <param name="Sha256">Null where it was not noted.</param>
public sealed record PackArtefact(string What, string Name, string? Sha256);

/// <summary>The text of a pack: what stands in its files, to be read and printed.</summary>
internal sealed class PackText
{
    private readonly StringBuilder _text = new();

    public PackText(RunView view, Deployment? deployment, DeploymentVersion? version)
    {
        var run = view.Run;
        Line(
            deployment is null
                ? $"# Evidence of run {run.Number}: {Plain(run.Name)}"
                : $"# Evidence of {deployment.Name}, version {version!.Number}"
        );
        Line($"Run {run.Number}, {Plain(run.Name)}, tuned from {Plain(run.BaseModel)} on {Plain(view.DataInWords)}.");
        if (deployment is { Purpose.Length: > 0 })
        {
            Line($"What the endpoint is for: {Plain(deployment.Purpose)}");
        }

        Line(
            "`verify.sh` checks all files of the pack against the server's signature, and the acts below against its audit log. Nobody has audited the program that made it."
        );
        Line("## Settings");
        Table(["Setting", "Value"], view.Settings.Select(s => (string[])[s.Name, s.Value]));
    }

    public void Approvals(IReadOnlyList<PackApproval> approvals)
    {
        Line("## Approvals");
        Table(
            ["What", "Hash that was approved", "Handed in", "First approval", "Approval", "State"],
            approvals.Select(a =>
                (string[])
                    [
                        a.What,
                        a.Sha256,
                        $"{a.HandedInBy}, {Time(a.HandedInAt)}",
                        a.FirstApprovedBy is null ? "not asked" : $"{a.FirstApprovedBy}, {Time(a.FirstApprovedAt)}",
                        a.ApprovedBy is null
                            ? "none"
                            : $"{a.ApprovedBy}, {Time(a.ApprovedAt)}{(a.Reason is null ? "" : $": “{a.Reason}”")}",
                        a.State,
                    ]
            )
        );
    }

    public void NoData()
    {
        Line("## Data");
        Line("The adapter was brought in: nobody here knows what it learned from.");
    }

    public void Data(DatasetFacts facts, VersionPrivacy privacy, DatasetVersion version)
    {
        Line("## Data");
        Line(
            $"{Plain(facts.Name)}, version {facts.Version}: {Number(facts.Rows)} rows, SHA-256 {facts.Sha256}. More is in `datasheet.md` and `croissant.json`."
        );
        Table(
            ["Source", "Licence", "Received", "SHA-256"],
            facts.Sources.Select(s => (string[])[s.Name, s.License.Length > 0 ? s.License : "not noted", Time(s.ReceivedAt), s.Sha256])
        );
        Line($"- Personal data: {(version.PersonalRows is { } rows ? $"found in {Number(rows)} rows" : "nobody has looked")}");
        Line(
            $"- Leaks: {(version.LeakRows is { } leaks ? $"{Number(leaks)} rows{(version.LeakReason is { } reason ? $", answered for: “{Plain(reason)}”" : "")}" : "nobody has counted")}"
        );
        foreach (var sum in privacy.Sums)
        {
            Line(
                $"- Privacy: {(sum.Runs == 1 ? "one run has" : $"{Number(sum.Runs)} runs have")} told of {(sum.Group is null ? "each row" : $"each {Plain(sum.Group)}")} at most ε {sum.Epsilon.ToString("0.###", CultureInfo.InvariantCulture)}, δ {sum.Delta.ToString("0.##e+0", CultureInfo.InvariantCulture)}"
            );
        }

        if (privacy.Unbounded.Count > 0)
        {
            Line($"- Privacy: nothing bounds what these runs tell: {string.Join(", ", privacy.Unbounded)}");
        }

        foreach (var agreement in facts.Agreement)
        {
            Line($"- Agreement on “{Plain(agreement.Question)}”: {agreement.Sentence}");
        }
    }

    public void Evaluation(EvaluationView? evaluation)
    {
        Line("## Evaluation");
        if (evaluation?.Report is not { } report)
        {
            Line("Not evaluated.");
            return;
        }

        Line(
            $"Evaluation {evaluation.Evaluation.Number}, on {Number(report.Rows)} rows of {Plain(evaluation.DatasetName)} v{evaluation.VersionNumber} that were not learned from; 95 % intervals."
        );
        Table(
            ["Model", report.Metric, "Interval"],
            report.Models.Select(m => (string[])[m.Name, Share(m.Score), $"{Share(m.ScoreLow)} to {Share(m.ScoreHigh)}"])
        );
    }

    public void Policy(ProjectPolicy policy, IReadOnlyList<PolicyFinding> findings, IReadOnlyList<Checklist> lists)
    {
        Line("## Policy");
        if (!policy.AsksSomething)
        {
            Line("The project has no policy.");
        }

        foreach (var finding in findings)
        {
            Line($"- {(finding.IsMet ? "met" : "**fails**")}: {Plain(finding.Sentence)}");
        }

        if (policy.TwoApprovers)
        {
            Line("- Two people approve, beside who handed it in: see Approvals.");
        }

        if (policy.TwoApproversAbove is { } above)
        {
            Line($"- Two people approve a run that costs more than {above.ToString(CultureInfo.InvariantCulture)}: see Approvals.");
        }

        if (policy.SelfApprovedBelow is { } below)
        {
            Line(
                $"- A run that costs less than {below.ToString(CultureInfo.InvariantCulture)} is approved by itself where a person approved one of the same data and method: see Approvals."
            );
        }

        Line("## Checklists");
        foreach (var list in lists)
        {
            Line($"### {list.Title}");
            Line(list.About);
            Table(["Where", "Point", "State", "Why"], list.Points.Select(p => (string[])[p.Reference, p.Point, Word(p.State), p.Why]));
        }
    }

    public void Artefacts(IReadOnlyList<PackArtefact> artefacts)
    {
        Line("## Artefacts");
        Table(["What", "Name", "SHA-256"], artefacts.Select(a => (string[])[a.What, a.Name, a.Sha256 ?? "not noted"]));
        Line("Versions and licences of the program's parts are in `bom.json` (CycloneDX).");
    }

    /// <param name="acts">Each with what was done, in words.</param>
    public void Acts(IReadOnlyList<(AuditEntry Entry, string Words)> acts, TreeHead head, bool isCut)
    {
        Line("## Acts");
        Line(
            $"From the audit log of {Number(head.Size)} entries whose head was signed {Time(head.At)} by the key {head.Key}: root {head.Root}.{(isCut ? " There are more than this pack holds." : "")}"
        );
        Table(
            ["Entry", "When", "Who", "What"],
            acts.Select(a => (string[])[Number(a.Entry.Id), Time(a.Entry.At), a.Entry.UserName, a.Words])
        );
    }

    public override string ToString() => _text.ToString();

    private void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        _text.Append("| ").AppendJoin(" | ", head).Append(" |\n|").Insert(_text.Length, " --- |", head.Count).Append('\n');
        foreach (var row in rows)
        {
            _text.Append("| ").AppendJoin(" | ", row.Select(Plain)).Append(" |\n");
        }

        _text.Append('\n');
    }

    private void Line(string text)
    {
        _text.Append(text).Append('\n');
        if (!text.StartsWith("- ", StringComparison.Ordinal))
        {
            _text.Append('\n');
        }
    }

    // Names that people gave break no table and make no markup.
    private static string Plain(string text) =>
        text.ReplaceLineEndings(" ")
            .Replace("|", "\\|", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("*", "\\*", StringComparison.Ordinal);

    private static string Word(PointState state) =>
        state switch
        {
            PointState.Met => "met",
            PointState.NeedsPerson => "needs a person",
            _ => "fails",
        };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset? at) => at?.ToString("u", CultureInfo.InvariantCulture) ?? "";

    private static string Share(double value) => (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
