using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

public sealed record MadeVersion(Guid Id, Guid DatasetId, string DatasetName, int Number, long Rows);

/// <summary>Turns approved answers into the next version of the dataset that they judge.</summary>
public sealed class LabelSnapshots(Authorizer authorizer, TaskRows rows)
{
    /// <param name="minimum">For ratings: the lowest that keeps its row.</param>
    public async Task<MadeVersion> MakeAsync(Caller caller, Guid projectId, Guid taskId, int minimum, CancellationToken ct)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, ct);
        var task = await work.TaskAsync(taskId, ct);
        var approved = await work.Db.LabelItems.Where(i => i.TaskId == taskId && i.State == ItemState.Approved)
            .ToDictionaryAsync(i => i.RowId, i => i.Final!, ct);
        var kept = task.Kind == LabelKind.Rate ? approved.Where(a => Points(a.Value) >= minimum).ToDictionary() : approved;
        if (kept.Count == 0)
            throw new RuleViolationException(approved.Count == 0
                ? "Nothing is approved yet. Review answers first; the approved ones become the dataset version."
                : $"No approved row has {minimum} points or more. Choose a lower minimum.");

        var parent = await work.Db.DatasetVersions.Include(v => v.Dataset).SingleAsync(v => v.Id == task.DatasetVersionId, ct);
        var file = await rows.WriteAsync(parent, row => kept.TryGetValue(row.Id, out var final) ? Apply(row, task.Kind, final) : null, ct);
        var number = 1 + await work.Db.DatasetVersions.Where(v => v.DatasetId == parent.DatasetId).MaxAsync(v => v.Number, ct);
        var version = new DatasetVersion(
            parent.Dataset!, number, VersionKind.Labeled, file.Sha256, file.Rows, file.Bytes, caller.UserId, work.Now)
            .MadeFrom(
                null,
                [parent.Id],
                Json(new { labelTask = task.Id, kind = task.Kind.ToString(), minimum = task.Kind == LabelKind.Rate ? minimum : (int?)null }),
                Json(new { items = await work.Db.LabelItems.CountAsync(i => i.TaskId == taskId, ct), approved = approved.Count, rows = file.Rows }));
        work.Db.DatasetVersions.Add(version);
        work.Audit("dataset.version-labeled", version.Id, null, new { task = task.Id, version.DatasetId, version.Number, version.Rows, version.Sha256 });
        await work.SaveAsync(ct);
        return new MadeVersion(version.Id, parent.DatasetId, parent.Dataset!.Name, number, file.Rows);
    }

    private static CanonicalRow Apply(CanonicalRow row, LabelKind kind, string final) => kind switch
    {
        LabelKind.Choose => Respond(row, final, final),
        // A label that was the old response says nothing of the new one.
        LabelKind.Rewrite => Respond(row, final, row.Label == row.Response ? null : row.Label),
        _ => row,
    };

    private static CanonicalRow Respond(CanonicalRow row, string response, string? label)
    {
        var before = row.Response is null ? row.Messages : row.Messages.SkipLast(1);
        return row.With([.. before, new ChatMessage("assistant", response)], label);
    }

    private static int Points(string rating) => int.Parse(rating, CultureInfo.InvariantCulture);

    private static string Json(object value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
}
