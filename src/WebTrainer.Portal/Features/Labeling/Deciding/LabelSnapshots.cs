using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <param name="Pairs">Rows that have the answer that lost beside them; 0 where nothing was compared.</param>
public sealed record MadeVersion(Guid Id, Guid DatasetId, string DatasetName, int Number, long Rows, int Pairs);

/// <summary>Which rows a snapshot has.</summary>
public enum SnapshotRows
{
    /// <summary>
    /// All rows of the version that was judged, with the decided answers in place of the old ones: the next version of its dataset.
    /// </summary>
    Merged,

    /// <summary>The decided rows alone: a dataset of its own, so that nobody takes a few rows for the whole.</summary>
    Decided,
}

/// <summary>A row that decided answers change.</summary>
/// <param name="After">Null where the row leaves, being rated too low.</param>
public sealed record AnswerChange(string RowId, int Ordinal, string Prompt, string Before, string? After);

/// <summary>What a merge would do to the version that was judged.</summary>
/// <param name="Newest">Number of the dataset's newest version; where it is not <paramref name="Version"/>, what was changed since is not
/// in the merge.</param>
/// <param name="Changes">The first of them, in the version's order.</param>
public sealed record MergePreview(
    string DatasetName,
    int Version,
    int Newest,
    long Rows,
    int Decided,
    int Changed,
    int Leaving,
    IReadOnlyList<AnswerChange> Changes
)
{
    public const int MostChanges = 50;
    public int Same => Decided - Changed - Leaving;
}

/// <summary>Freezes decided answers as a dataset version that says how it came to be.</summary>
public sealed class LabelSnapshots(Authorizer authorizer, TaskRows rows)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    /// <param name="Shares">How probable each label is by those who answered; null where one person did, or none.</param>
    private sealed record Decided(
        string RowId,
        int Ordinal,
        IReadOnlyDictionary<string, string> Values,
        List<Guid> Candidates,
        int Raters,
        IReadOnlyDictionary<string, double>? Shares
    );

    /// <summary>What <see cref="SnapshotRows.Merged"/> would change, row by row.</summary>
    /// <param name="minimum">Of the first rating: the lowest that keeps its row.</param>
    public async Task<MergePreview> PreviewAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        int minimum,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        MustHaveRows(task, SnapshotRows.Merged);
        await work.NoteReadAsync("labeling.items-read", taskId, cancellationToken);
        var parent = await work.VersionAsync(task.DatasetVersionId, cancellationToken);
        var decided = (await DecidedAsync(work, task, [], cancellationToken)).ToDictionary(d => d.RowId);
        var (changes, changed, leaving) = (new List<AnswerChange>(), 0, 0);
        await foreach (var row in rows.ReadAsync(parent, cancellationToken))
        {
            if (!decided.TryGetValue(row.Id, out var item))
            {
                continue;
            }

            var after = IsKept(task, item.Values, minimum) ? Apply(row, task, item) : null;
            if (after is not null && Words(after) == Words(row))
            {
                continue;
            }

            (changed, leaving) = after is null ? (changed, leaving + 1) : (changed + 1, leaving);
            if (changes.Count < MergePreview.MostChanges)
            {
                changes.Add(new AnswerChange(row.Id, item.Ordinal, row.Prompt, Words(row), after is null ? null : Words(after)));
            }
        }

        return new MergePreview(
            parent.Dataset!.Name,
            parent.Number,
            await NewestAsync(work, parent.DatasetId, cancellationToken),
            parent.Rows,
            decided.Count,
            changed,
            leaving,
            changes
        );
    }

    /// <param name="minimum">Of the first rating: the lowest that keeps its row.</param>
    public async Task<MadeVersion> MakeAsync(
        Caller caller,
        Guid projectId,
        Guid taskId,
        int minimum,
        CancellationToken cancellationToken,
        SnapshotRows which = SnapshotRows.Merged
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        MustHaveRows(task, which);
        var sheets = await TaskSheets.ReadAsync(work, task, rows, cancellationToken);
        var decided = await DecidedAsync(work, task, sheets, cancellationToken);
        if (decided.Count == 0)
        {
            throw new RuleViolationException(
                "Nothing is decided yet. When people agree on items, or a reviewer has decided, they become the dataset version."
            );
        }

        var parent = await work.VersionAsync(task.DatasetVersionId, cancellationToken);
        var (file, pairs) =
            task.Models.Count > 0
                ? await CompareAsync(work, task, parent, decided, cancellationToken)
                : (await JudgeAsync(task, parent, decided, minimum, which, cancellationToken), 0);
        var dataset =
            which == SnapshotRows.Merged ? parent.Dataset! : await work.DatasetOfAsync(parent.Dataset!, task.Name, cancellationToken);
        var number = 1 + await NewestAsync(work, dataset.Id, cancellationToken);
        var version = new DatasetVersion(
            dataset,
            number,
            VersionKind.Labeled,
            file.Sha256,
            file.Rows,
            file.Bytes,
            caller.UserId,
            work.Now
        ).MadeFrom(
            null,
            [parent.Id],
            Recipe(task, minimum, which),
            await ReportAsync(work, task, decided, sheets, file.Rows, pairs, cancellationToken)
        );
        work.Db.DatasetVersions.Add(version);
        work.Audit(
            "dataset.version-labeled",
            version.Id,
            null,
            new
            {
                task = task.Id,
                version.DatasetId,
                version.Number,
                version.Rows,
                version.Sha256,
                holds = which,
            }
        );
        await work.SaveAsync(cancellationToken);
        return new MadeVersion(version.Id, dataset.Id, dataset.Name, number, file.Rows, pairs);
    }

    private static void MustHaveRows(LabelTask task, SnapshotRows which)
    {
        if (which == SnapshotRows.Merged && task.Models.Count > 0)
        {
            throw new RuleViolationException(
                "A comparison of models has several answers to a row, so it can't be merged into its version. Make a dataset of the decided rows alone."
            );
        }
    }

    private static async Task<int> NewestAsync(ProjectWork work, Guid datasetId, CancellationToken cancellationToken) =>
        await work.Db.DatasetVersions.Where(v => v.DatasetId == datasetId).MaxAsync(v => (int?)v.Number, cancellationToken) ?? 0;

    /// <param name="sheets">All answers, where the probabilities of labels are asked for.</param>
    private static async Task<List<Decided>> DecidedAsync(
        ProjectWork work,
        LabelTask task,
        List<GivenSheet> sheets,
        CancellationToken cancellationToken
    )
    {
        var shares = VoteShares.Of(task, sheets);
        var items = await work
            .Db.LabelItems.Where(i =>
                i.TaskId == task.Id && !i.IsGold && i.Final != null && (i.State == ItemState.Approved || i.State == ItemState.Agreed)
            )
            .OrderBy(i => i.Ordinal)
            .Select(i => new
            {
                i.Id,
                i.RowId,
                i.Ordinal,
                i.Final,
                i.Candidates,
                Raters = i.Assignments.Count(a => a.State == AssignmentState.Answered),
            })
            .ToListAsync(cancellationToken);
        return items.ConvertAll(i => new Decided(
            i.RowId,
            i.Ordinal,
            QuestionForm.Read(i.Final),
            i.Candidates,
            i.Raters,
            shares.GetValueOrDefault(i.Id)
        ));
    }

    private async Task<VersionFile> JudgeAsync(
        LabelTask task,
        DatasetVersion parent,
        List<Decided> decided,
        int minimum,
        SnapshotRows which,
        CancellationToken cancellationToken
    )
    {
        var byRow = decided.ToDictionary(d => d.RowId);
        if (which == SnapshotRows.Decided && !decided.Exists(d => IsKept(task, d.Values, minimum)))
        {
            throw new RuleViolationException($"No decided row has {minimum} points or more. Choose a lower minimum.");
        }

        return await rows.WriteAsync(
            parent,
            row =>
                !byRow.TryGetValue(row.Id, out var item)
                    ? which == SnapshotRows.Merged
                        ? row
                        : null
                    : IsKept(task, item.Values, minimum)
                        ? Apply(row, task, item)
                        : null,
            cancellationToken
        );
    }

    private static bool IsKept(LabelTask task, IReadOnlyDictionary<string, string> values, int minimum) =>
        task.Find(QuestionKind.Rate) is not { } rating || !values.TryGetValue(rating.Key, out var points) || Points(points) >= minimum;

    /// <summary>What decided answers can change of a row, as people read it.</summary>
    private static string Words(CanonicalRow row) =>
        (row.Label, row.Response) switch
        {
            (null, var response) => response ?? "",
            ({ } label, null) => label,
            var (label, response) => label == response ? label : $"{label}\n{response}",
        };

    /// <summary>Winners become the responses of rows, with the losers beside them; what experts repaired replaces the winner.</summary>
    private async Task<(VersionFile File, int Pairs)> CompareAsync(
        ProjectWork work,
        LabelTask task,
        DatasetVersion parent,
        List<Decided> decided,
        CancellationToken cancellationToken
    )
    {
        var answers = await work.Db.ModelAnswers.Where(a => a.TaskId == task.Id).ToDictionaryAsync(a => a.Id, cancellationToken);
        var byRow = decided.ToLookup(d => d.RowId);
        var made = new List<CanonicalRow>();
        await foreach (var row in rows.ReadAsync(parent, cancellationToken))
        {
            foreach (var item in byRow[row.Id])
            {
                var (better, worse) = Winner(task, item, answers);
                var repaired = task.Find(QuestionKind.Rewrite) is { } rewrite ? item.Values.GetValueOrDefault(rewrite.Key) : null;
                if ((repaired ?? better?.Text) is { } response)
                {
                    made.Add(
                        Beside(Respond(row, response, null), item.Raters, repaired is null ? better : null, worse) with
                        {
                            Id = $"{row.Id}-{item.Ordinal}",
                        }
                    );
                }
            }
        }

        if (made.Count == 0)
        {
            throw new RuleViolationException("No comparison has a winner or a repaired response yet, so there is nothing to make rows of.");
        }

        return (
            await rows.WriteAsync(made.ToAsyncEnumerable(), cancellationToken),
            made.Count(row => row.Extra.ContainsKey(Preferences.Rejected))
        );
    }

    /// <summary>The row with the answer that lost beside it, for preference training, and with whose answers they are.</summary>
    /// <param name="better">Null where people wrote the response.</param>
    private static CanonicalRow Beside(CanonicalRow row, int raters, ModelAnswer? better, ModelAnswer? worse)
    {
        var extra = new Dictionary<string, string>(row.Extra) { ["raters"] = raters.ToString(CultureInfo.InvariantCulture) };
        if (better is not null)
        {
            extra["chosen_model"] = better.Model;
        }

        if (worse is not null)
        {
            (extra[Preferences.Rejected], extra["rejected_model"]) = (worse.Text, worse.Model);
        }

        return row with
        {
            Extra = extra,
        };
    }

    private static (ModelAnswer? Better, ModelAnswer? Worse) Winner(LabelTask task, Decided item, Dictionary<Guid, ModelAnswer> answers)
    {
        if (task.Find(QuestionKind.BestOfTwo) is { } question && item.Values.TryGetValue(question.Key, out var value))
        {
            var (first, second) = (answers[item.Candidates[0]], answers[item.Candidates[1]]);
            return value switch
            {
                Preference.First => (first, second),
                Preference.Second => (second, first),
                _ => (null, null),
            };
        }

        if (task.Find(QuestionKind.Rank) is { Options.Count: 0 } ranking && item.Values.TryGetValue(ranking.Key, out var order))
        {
            var ranked = JsonSerializer
                .Deserialize<string[]>(order)!
                .Select(place => answers[item.Candidates[int.Parse(place, CultureInfo.InvariantCulture)]])
                .ToList();
            return (ranked[0], ranked[^1]);
        }

        return (null, null);
    }

    private static CanonicalRow Apply(CanonicalRow row, LabelTask task, Decided item)
    {
        if (VoteShares.LabelOf(task) is { } question && item.Values.TryGetValue(question.Key, out var label))
        {
            row =
                question.Kind == QuestionKind.Choose && task.Questions.Count == 1 ? Respond(row, label, label) : row with { Label = label };
            row = VoteShares.Write(row, label, item.Shares);
        }

        if (task.Find(QuestionKind.Rewrite) is { } rewrite && item.Values.TryGetValue(rewrite.Key, out var text))
        {
            // a label that was the old response says nothing of the new one
            row = Respond(row, text, row.Label == row.Response ? null : row.Label);
        }

        return row;
    }

    private static CanonicalRow Respond(CanonicalRow row, string response, string? label)
    {
        var before = row.Response is null ? row.Messages : row.Messages.SkipLast(1);
        return row.With([.. before, new ChatMessage("assistant", response)], label);
    }

    private static string Recipe(LabelTask task, int minimum, SnapshotRows which)
    {
        var questions = JsonSerializer.Serialize(task.Questions, s_json);
        return JsonSerializer.Serialize(
            new
            {
                labelTask = task.Id,
                task.Questions,
                task.QuestionsVersion,
                questionsSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(questions))),
                task.GuidelinesVersion,
                task.Rules,
                models = task.Models,
                rows = which,
                minimum = task.Find(QuestionKind.Rate) is null ? (int?)null : minimum,
            },
            s_json
        );
    }

    private static async Task<string> ReportAsync(
        ProjectWork work,
        LabelTask task,
        List<Decided> decided,
        List<GivenSheet> sheets,
        long made,
        int pairs,
        CancellationToken cancellationToken
    )
    {
        var pseudonyms = Pseudonyms.Of(task, sheets.Select(s => s.UserId).Distinct()); // for ever, also when the task is closed
        var agreement = TaskAgreement.Of(task, sheets, pseudonyms);
        return JsonSerializer.Serialize(
            new
            {
                items = await work.Db.LabelItems.CountAsync(i => i.TaskId == task.Id && !i.IsGold, cancellationToken),
                decided = decided.Count,
                approved = decided.Count,
                rows = made,
                agreement = agreement.Select(a => new
                {
                    a.Key,
                    a.Share,
                    a.Alpha,
                    low = a.AlphaInterval?.Low,
                    high = a.AlphaInterval?.High,
                    a.Kappa,
                    a.Items,
                    a.Reliability,
                }),
                people = sheets
                    .CountBy(s => s.UserId)
                    .Select(p => new { person = pseudonyms[p.Key], answers = p.Value })
                    .OrderBy(p => p.person, StringComparer.Ordinal),
                pairs,
            },
            s_json
        );
    }

    private static int Points(string rating) => int.Parse(rating, CultureInfo.InvariantCulture);
}
