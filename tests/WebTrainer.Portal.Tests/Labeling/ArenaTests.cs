using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>Comparing models, with answers that are already there.</summary>
public sealed class ArenaTests : LabelingTest
{
    private ArenaService Arena => Portal.Get<ArenaService>();

    [Fact]
    public async Task Pairs_AreShownBlindAndShuffled_AndTheStrongerModelWins()
    {
        var task = await ComparisonAsync("good", "bad");
        var places = new List<bool>();
        foreach (var person in (Caller[])[Ada, Bo])
        {
            await JudgeAsync(
                person,
                task,
                item =>
                {
                    Assert.Null(item.Content.Response); // the row's own would tell which candidate it is
                    Assert.DoesNotContain("good\"", JsonSerializer.Serialize(item with { Candidates = [] }), StringComparison.Ordinal);
                    var first = item.Candidates.Single(c => c.Key == "0").Text.StartsWith("good", StringComparison.Ordinal);
                    places.Add(item.Candidates[0].Text.StartsWith("good", StringComparison.Ordinal));
                    return new() { ["best"] = first ? Preference.First : Preference.Second };
                }
            );
        }

        Assert.Contains(true, places);
        Assert.Contains(false, places);
        var ranking = await Arena.RankAsync(Lead, Project, task, null, Ct);
        Assert.Equal("good", ranking.Lines[0].Model);
        Assert.Equal((12, 0, 0), (ranking.Duels[0].Wins, ranking.Duels[0].Losses, ranking.Duels[0].Ties));
        Assert.True(ranking.Lines[0].Rating > ranking.Lines[1].Rating);
    }

    [Fact]
    public async Task Snapshot_MakesPairsOfWinnersAndLosers_AndRowsOfRepairs()
    {
        var task = await ComparisonAsync("good", "bad");
        foreach (var person in (Caller[])[Ada, Bo])
        {
            await JudgeAsync(
                person,
                task,
                item =>
                    item.Ordinal switch
                    {
                        0 => new() { ["best"] = Preference.BothBad, ["better"] = "repaired" },
                        1 => new() { ["best"] = Preference.Tie },
                        _ => new()
                        {
                            ["best"] = item.Candidates.Single(c => c.Key == "0").Text.StartsWith("good", StringComparison.Ordinal)
                                ? Preference.First
                                : Preference.Second,
                        },
                    }
            );
        }

        var made = await Snapshots.MakeAsync(Lead, Project, task, 1, Ct, SnapshotRows.Decided);
        await Assert.ThrowsAsync<RuleViolationException>(() => Snapshots.MakeAsync(Lead, Project, task, 1, Ct, SnapshotRows.Merged));
        Assert.Equal((5L, 4), (made.Rows, made.Pairs));
        await using var db = Portal.OpenDb();
        var sha = await db.DatasetVersions.Where(v => v.Id == made.Id).Select(v => v.Sha256).SingleAsync(Ct);
        var rows = await new VersionReader()
            .ReadAsync(Portal.Get<Data.Files.FileStore>().PathOf(sha), cancellationToken: Ct)
            .ToListAsync(Ct);
        Assert.Equal("repaired", rows.Single(r => r.Id.EndsWith("-0", StringComparison.Ordinal)).Response);
        var pairs = rows.Where(r => r.Extra.ContainsKey(Preferences.Rejected)).ToList();
        Assert.Equal(4, pairs.Count);
        Assert.All(
            pairs,
            pair => Assert.Equal(("good", "bad", "2"), (pair.Extra["chosen_model"], pair.Extra["rejected_model"], pair.Extra["raters"]))
        );

        using var exported = new MemoryStream();
        await new Pipeline.Export.DatasetExporter().ExportAsync(
            Portal.Get<Data.Files.FileStore>().PathOf(sha),
            Pipeline.Export.ExportFormat.Preference,
            exported,
            cancellationToken: Ct
        );
        var lines = System
            .Text.Encoding.UTF8.GetString(exported.ToArray())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonSerializer.Deserialize<JsonElement>(l))
            .ToList();
        Assert.Equal(
            pairs.Select(p => (p.Prompt, p.Response!, p.Extra[Preferences.Rejected])),
            lines.Select(l => (Text(l, "prompt"), Text(l, "chosen"), Text(l, "rejected")))
        );

        static string Text(JsonElement line, string key) => line.GetProperty(key).GetString()!;
    }

    [Fact]
    public async Task Create_UnknownModelOrOne_IsRefused()
    {
        var draft = new NewComparison
        {
            VersionId = Version,
            Name = "x",
            Models = ["dataset"],
            Assignees = [Ada.UserId],
            Rules = new TaskRules { Overlap = 1 },
        };
        await Assert.ThrowsAsync<RuleViolationException>(() => Arena.CreateAsync(Lead, Project, draft, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Arena.CreateAsync(Lead, Project, draft with { Models = ["dataset", "no such model"] }, Ct)
        );
        await Assert.ThrowsAsync<ForbiddenException>(() => Arena.CreateAsync(Ada, Project, draft, Ct));
    }

    /// <summary>A comparison whose answers were written before.</summary>
    private async Task<Guid> ComparisonAsync(params string[] models)
    {
        await using var db = Portal.OpenDb();
        var task = new LabelTask(
            Project,
            Version,
            "Arena",
            [
                Question.New(QuestionKind.BestOfTwo, "best", "Better?"),
                Question.New(QuestionKind.Rewrite, "better", "Repair") with
                {
                    Required = false,
                    DependsOn = new Condition("best", Preference.BothBad),
                },
            ],
            new TaskRules { Overlap = 2 },
            JsonSerializer.Serialize(new ArenaSettings(new RowChoice(), 16, 0), JsonSerializerOptions.Web),
            [Ada.UserId, Bo.UserId],
            Lead.UserId,
            Portal.Clock.GetUtcNow()
        ).Comparing(models);
        task.Pause(Portal.Clock.GetUtcNow());
        db.LabelTasks.Add(task);
        foreach (var model in models)
        {
            db.ModelAnswers.AddRange(
                Enumerable
                    .Range(0, 6)
                    .Select(i => new ModelAnswer(task.Id, $"row{i:000}", model, $"{model} answer {i}", Portal.Clock.GetUtcNow()))
            );
        }

        await db.SaveChangesAsync(Ct);
        await Portal.Get<ArenaWriter>().WriteAsync(task.Id, Ct);
        return task.Id;
    }

    private async Task JudgeAsync(Caller person, Guid task, Func<AnswerItem, Dictionary<string, string>> judge)
    {
        while (await NextAsync(person, task) is { } item)
        {
            Portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await Answers.SubmitAsync(person, Project, item.Id, judge(item), 1, Ct);
        }
    }
}
