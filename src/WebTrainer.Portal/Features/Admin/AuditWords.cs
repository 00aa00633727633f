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
        ["account.directory-noted"] = "noted who {0} is in the directory",
        ["account.disabled"] = "shut out {0}",
        ["account.enabled"] = "let {0} in again",
        ["account.first-admin-created"] = "made the first account, {0}",
        ["account.models-right-changed"] = "changed whether {0} manages base models",
        ["account.password-changed"] = "changed the password of {0}",
        ["account.sign-in-failed"] = "failed to sign in as {0}",
        ["account.signed-in"] = "signed in",
        ["account.signed-out"] = "signed out",
        ["adapter.imported"] = "brought in an adapter as {0}",
        ["api-key.created"] = "made the key {0}",
        ["api-key.revoked"] = "revoked the key {0}",
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
        ["dataset.rights-noted"] = "noted the rights of {0}",
        ["dataset.split"] = "split {0}",
        ["dataset.synced"] = "fetched new rows into {0}",
        ["dataset.version-labeled"] = "made {0} of labels",
        ["evaluation.resumed"] = "let {0} go on",
        ["evaluation.started"] = "began {0}",
        ["evaluation.stopped"] = "stopped {0}",
        ["goal.changed"] = "changed the goal {0}",
        ["goal.removed"] = "removed the goal {0}",
        ["goal.set"] = "set the goal {0}",
        ["invitation.accepted"] = "accepted the invitation {0}",
        ["invitation.created"] = "made the invitation {0}",
        ["invitation.revoked"] = "revoked the invitation {0}",
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
        ["member.removed"] = "removed {0} from the project",
        ["member.role-changed"] = "changed the role of {0}",
        ["model.added"] = "added the base model {0}",
        ["model.checked"] = "tried the base model {0}",
        ["model.download-started"] = "began to fetch the base model {0}",
        ["model.download-stopped"] = "stopped fetching the base model {0}",
        ["model.gguf-downloaded"] = "downloaded the base model {0} as GGUF",
        ["model.removed"] = "removed the base model {0}",
        ["project.created"] = "made the project {0}",
        ["project.price-set"] = "set the price of a device hour",
        ["project.renamed"] = "renamed the project {0}",
        ["project.separation-set"] = "set whether one person may ask for and approve a run",
        ["run.adapter-downloaded"] = "downloaded the adapter of {0}",
        ["run.approval-refused"] = "was refused the approval of {0}",
        ["run.approved"] = "approved {0}",
        ["run.continued"] = "let {0} go on",
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
        ["upload.completed"] = "uploaded {0}",
        ["upload.discarded"] = "discarded the upload {0}",
        ["upload.started"] = "began to upload {0}",
        ["version.queried"] = "asked {0} in SQL",
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

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => Short(p.Value.ToString()))
            : new() { ["value"] = Short(document.RootElement.ToString()) };
    }

    private static string Short(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + " …";
}
