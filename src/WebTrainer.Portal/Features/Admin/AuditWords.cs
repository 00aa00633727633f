using System.Text.Json;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>Acts as sentences: "Ana approved run 3 · tickets".</summary>
public static class AuditWords
{
    /// <summary>Where the name of what it was done to stands.</summary>
    public const string Subject = "{0}";
    private const int MostCharacters = 200;

    private static readonly Dictionary<string, string> s_sentences = new()
    {
        ["access-token.created"] = "made the access token {0}",
        ["access-token.revoked"] = "revoked the access token {0}",
        ["access.refused"] = "was refused: {0}",
        ["account.admin-changed"] = "changed the administrator's rights of {0}",
        ["account.app-confirmed"] = "set up an authenticator app for {0}",
        ["account.app-removed"] = "took the authenticator app of {0} away",
        ["account.directory-linked"] = "signed in by the directory for the first time as {0}",
        ["account.directory-noted"] = "noted who {0} is in the directory",
        ["account.disabled"] = "shut out {0}",
        ["account.enabled"] = "let {0} in again",
        ["account.first-admin-created"] = "made the first account, {0}",
        ["account.followed-directory"] = "took over the name of {0} from the directory",
        ["account.made-from-directory"] = "came from the directory as {0}",
        ["account.models-right-changed"] = "changed whether {0} manages base models",
        ["account.passkey-added"] = "added a passkey to {0}",
        ["account.passkey-removed"] = "took a passkey of {0} away",
        ["account.password-changed"] = "changed the password of {0}",
        ["account.password-link-made"] = "made a link by which {0} sets a new password",
        ["account.password-reset"] = "set a new password of {0} by an administrator's link",
        ["account.recovery-codes-made"] = "made new recovery codes for {0}",
        ["account.second-factor-reset"] = "took all second factors of {0} away",
        ["account.session-ended"] = "ended a session of {0}",
        ["account.sign-in-failed"] = "failed to sign in as {0}",
        ["account.signed-in"] = "signed in",
        ["account.signed-out"] = "signed out",
        ["adapter.imported"] = "brought in an adapter as {0}",
        ["adapter.removed"] = "took away an adapter that was brought in",
        ["api-key.created"] = "made the key {0}",
        ["api-key.revoked"] = "revoked the key {0}",
        ["audit.details-erased"] = "erased the details in the audit log of {0}",
        ["audit.exported"] = "exported the audit log",
        ["audit.sealing-began"] = "began to seal the audit log",
        ["audit.verified"] = "checked the audit log",
        ["benchmark.added"] = "added the benchmark {0}",
        ["benchmark.removed"] = "removed the benchmark {0}",
        ["dataset.bias-audited"] = "audited {0} for bias",
        ["dataset.cleaned"] = "cleaned rows into {0}",
        ["dataset.described"] = "described {0}",
        ["dataset.exported"] = "exported {0}",
        ["dataset.imported"] = "imported {0}",
        ["dataset.item-removed"] = "removed the saved {0}",
        ["dataset.item-saved"] = "saved {0}",
        ["dataset.leaks-accepted"] = "answered for the leaks of {0}",
        ["dataset.leaks-counted"] = "counted the leaks of {0}",
        ["dataset.operation-stopped"] = "stopped work on a dataset ({0})",
        ["dataset.published"] = "published {0}",
        ["dataset.rows-read"] = "read rows of {0}",
        ["dataset.rights-noted"] = "noted the rights of {0}",
        ["dataset.split"] = "split {0}",
        ["dataset.joined"] = "added rows to {0}",
        ["dataset.made"] = "added made rows to {0}",
        ["dataset.synced"] = "fetched new rows into {0}",
        ["dataset.version-labeled"] = "made {0} of labels",
        ["deployment.alert-added"] = "added an alert on the endpoint {0}",
        ["deployment.alert-removed"] = "removed an alert on the endpoint {0}",
        ["deployment.approval-refused"] = "was refused the approval of a version of the endpoint {0}",
        ["deployment.check-failed"] = "found that a version of the endpoint {0} does not serve what was trained",
        ["deployment.content-set"] = "set what is kept of requests to the endpoint {0}",
        ["deployment.created"] = "made the endpoint {0}",
        ["feedback.said"] = "said of the answer {0} whether it was good",
        ["retraining.opened"] = "opened a retraining of the endpoint {0}",
        ["retraining.rule-set"] = "set when the endpoint {0} is retrained",
        ["retraining.sampled"] = "took requests to the endpoint {0} to be labeled for a retraining",
        ["retraining.data-made"] = "made the data for a retraining of the endpoint {0}",
        ["retraining.run-asked"] = "asked for the run of a retraining of the endpoint {0}",
        ["retraining.drafted"] = "drafted a version of the endpoint {0} from a retraining",
        ["retraining.dismissed"] = "dismissed a retraining of the endpoint {0}",
        ["deployment.drift-looked-for"] = "looked whether requests to the endpoint {0} have drifted",
        ["deployment.first-approved"] = "gave the first of two approvals of a version of the endpoint {0}",
        ["deployment.promoted"] = "promoted a version of the endpoint {0}",
        ["deployment.retired"] = "retired the endpoint {0}",
        ["deployment.rolled-back"] = "took the endpoint {0} back to an earlier version",
        ["deployment.sampled"] = "took requests to the endpoint {0} as rows to label",
        ["deployment.texts-read"] = "read texts of requests to the endpoint {0}",
        ["deployment.trial-begun"] = "began to try a version of the endpoint {0}",
        ["deployment.trial-ended"] = "ended the trial of a version of the endpoint {0}",
        ["deployment.version-approved"] = "approved a version of the endpoint {0}",
        ["deployment.version-changed"] = "changed a version of the endpoint {0}",
        ["deployment.version-checked"] = "showed that a version of the endpoint {0} serves what was trained",
        ["deployment.version-drafted"] = "drafted a version of the endpoint {0}",
        ["deputy.ended"] = "took back who stands in: {0}",
        ["deputy.named"] = "named who stands in: {0}",
        ["directory.rule-added"] = "added a rule for a group of the directory",
        ["directory.rule-removed"] = "removed a rule for a group of the directory",
        ["evidence.packed"] = "made an evidence pack of {0}",
        ["evaluation.resumed"] = "let {0} go on",
        ["evaluation.rows-read"] = "read rows and answers of {0}",
        ["evaluation.started"] = "began {0}",
        ["evaluation.stopped"] = "stopped {0}",
        ["goal.changed"] = "changed the goal {0}",
        ["goal.removed"] = "removed the goal {0}",
        ["goal.set"] = "set the goal {0}",
        ["invitation.accepted"] = "accepted the invitation {0}",
        ["invitation.created"] = "made the invitation {0}",
        ["invitation.revoked"] = "revoked the invitation {0}",
        ["job.ranked"] = "ranked {0} anew in the queue",
        ["judge.added"] = "added the judge {0}",
        ["judge.changed"] = "changed the judge {0}",
        ["judge.retired"] = "retired the judge {0}",
        ["judge.tested"] = "tried the judge {0}",
        ["judging.resumed"] = "let the judging {0} go on",
        ["judging.started"] = "set a judge to work ({0})",
        ["judging.stopped"] = "stopped the judging {0}",
        ["labeling.answered"] = "answered {0}",
        ["labeling.approved"] = "approved {0}",
        ["labeling.asked-further"] = "asked a further person about {0}",
        ["labeling.comparison-created"] = "made the comparison {0}",
        ["labeling.comparison-retried"] = "asked the models of {0} again",
        ["labeling.discarded"] = "discarded {0}",
        ["labeling.exported"] = "exported the answers of {0}",
        ["labeling.flagged"] = "flagged {0}",
        ["labeling.gold-made"] = "made {0} a gold item",
        ["labeling.guidelines-written"] = "wrote the guidelines of {0}",
        ["labeling.note-answered"] = "answered the note {0}",
        ["labeling.items-read"] = "read items of {0}",
        ["labeling.noted"] = "wrote a note on {0}",
        ["labeling.order-learned"] = "ordered the open items of {0} anew",
        ["labeling.questions-changed"] = "changed the questions of {0}",
        ["labeling.restored"] = "took {0} back in",
        ["labeling.returned"] = "sent {0} back",
        ["labeling.rules-changed"] = "changed the rules of {0}",
        ["labeling.skipped"] = "skipped {0}",
        ["labeling.task-closed"] = "closed the task {0}",
        ["labeling.task-created"] = "made the task {0}",
        ["labeling.task-imported"] = "imported the task {0}",
        ["labeling.task-paused"] = "paused the task {0}",
        ["labeling.task-resumed"] = "let the task {0} go on",
        ["labeling.weak-changed"] = "changed the labelling functions {0}",
        ["labeling.weak-created"] = "made the labelling functions {0}",
        ["member.from-directory"] = "brought {0} into the project, as the directory says",
        ["member.removed"] = "removed {0} from the project",
        ["member.role-changed"] = "changed the role of {0}",
        ["model.added"] = "added the base model {0}",
        ["model.checked"] = "tried the base model {0}",
        ["model.download-started"] = "began to fetch the base model {0}",
        ["model.download-stopped"] = "stopped fetching the base model {0}",
        ["model.gguf-downloaded"] = "downloaded the base model {0} as GGUF",
        ["model.removed"] = "removed the base model {0}",
        ["notice.sent-again"] = "had a notice sent again ({0})",
        ["notice.wishes-set"] = "set what {0} is told by mail",
        ["playground.asked"] = "asked {0} in the playground",
        ["policy.refused-deploy"] = "was refused by the policy what should answer from {0}",
        ["policy.refused-export"] = "was refused by the policy to take {0} out",
        ["policy.refused-import"] = "was refused by the policy to import {0}",
        ["policy.refused-publish"] = "was refused by the policy to publish {0}",
        ["policy.refused-run"] = "was refused by the policy a run on {0}",
        ["policy.set"] = "set the policy of {0}",
        ["project.created"] = "made the project {0}",
        ["project.share-set"] = "set the share of the devices of {0}",
        ["project.price-set"] = "set the price of a device hour",
        ["project.renamed"] = "renamed the project {0}",
        ["project.separation-set"] = "set whether one person may ask for and approve a run",
        ["run.adapter-downloaded"] = "downloaded the adapter of {0}",
        ["run.approval-refused"] = "was refused the approval of {0}",
        ["run.approved-by-rule"] = "had {0} approved by the policy",
        ["run.approved"] = "approved {0}",
        ["run.continued"] = "let {0} go on",
        ["run.first-approved"] = "gave the first of two approvals of {0}",
        ["run.gguf-downloaded"] = "downloaded the model of {0} as GGUF",
        ["run.merged-downloaded"] = "downloaded the merged model of {0}",
        ["run.paused"] = "paused {0}",
        ["run.rejected"] = "rejected {0}",
        ["run.resumed"] = "resumed {0}",
        ["run.stopped"] = "stopped {0}",
        ["run.stopped-and-saved"] = "stopped {0} and kept what it had learned",
        ["run.submitted"] = "asked for {0}",
        ["run.withdrawn"] = "took {0} back",
        ["search.approval-refused"] = "was refused the approval of {0}",
        ["search.approved"] = "approved {0}",
        ["search.continued"] = "let {0} go on",
        ["search.paused"] = "paused {0}",
        ["search.rejected"] = "rejected {0}",
        ["search.stopped"] = "stopped {0}",
        ["search.submitted"] = "asked for {0}",
        ["search.trial-begun"] = "began a trial, {0}",
        ["source.added"] = "added the source {0}",
        ["source.changed"] = "changed the source {0}",
        ["source.removed"] = "removed the source {0}",
        ["source.synced"] = "fetched from the source {0}",
        ["source.tested"] = "tried the source {0}",
        ["upload.read"] = "looked into {0}",
        ["upload.completed"] = "uploaded {0}",
        ["upload.discarded"] = "discarded the upload {0}",
        ["upload.started"] = "began to upload {0}",
        ["version.embedded"] = "made vectors of the rows of {0}",
        ["version.queried"] = "asked {0} in SQL",
        ["webhook.added"] = "added the webhook {0}",
        ["webhook.key-renewed"] = "made a new key for the webhook {0}",
        ["webhook.removed"] = "removed the webhook {0}",
    };

    /// <summary>The words after who did it, <see cref="Subject"/> in them where it was done to something.</summary>
    public static string Of(string action) => s_sentences.TryGetValue(action, out var words) ? words : $"did '{action}' to {Subject}";

    public static bool Knows(string action) => s_sentences.ContainsKey(action);

    /// <summary>What is acted upon, as actions begin, in order.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [.. s_sentences.Keys.Select(a => a.Split('.')[0]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What was changed, a line a value: "Role: Engineer → Lead".</summary>
    public static IReadOnlyList<string> Changes(string? before, string? after)
    {
        var (old, now) = (Values(before), Values(after));
        return
        [
            .. old
                .Keys.Union(now.Keys)
                .Select(name => (name, Old: old.GetValueOrDefault(name), Now: now.GetValueOrDefault(name)))
                .Where(v => v.Old != v.Now || before is null || after is null)
                .Select(v =>
                    v.Old is null ? $"{v.name}: {v.Now}"
                    : v.Now is null ? $"{v.name}: {v.Old} →"
                    : $"{v.name}: {v.Old} → {v.Now}"
                ),
        ];
    }

    private static Dictionary<string, string> Values(string? json)
    {
        if (json is null)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => Short(p.Value.ToString()))
                : new() { ["value"] = Short(document.RootElement.ToString()) };
        }
        catch (JsonException)
        {
            return new() { ["value"] = Short(json) }; // somebody changed it past the portal, which the check of the log names
        }
    }

    private static string Short(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + " …";
}
