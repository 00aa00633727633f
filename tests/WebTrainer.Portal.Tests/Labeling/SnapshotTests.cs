using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class SnapshotTests : LabelingTest
{
    [Fact]
    public async Task Choose_ApprovedLabelsBecomeLabelAndResponse()
    {
        var task = await NewTaskAsync(rows: new RowChoice(2), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await ApproveAllAsync(task, item => item.Ordinal == 0 ? "yes" : "unclear");

        var made = await Snapshots.MakeAsync(Lead, Project, task, 1, Ct, SnapshotRows.Decided);
        var rows = await RowsOfAsync(made);
        Assert.Equal([("row000", "yes", "yes"), ("row001", "unclear", "unclear")], rows.Select(r => (r.Id, r.Label!, r.Response!)));
        Assert.Equal("Question 0", rows[0].Prompt);
        await using var db = Portal.OpenDb();
        var version = await db.DatasetVersions.SingleAsync(v => v.Id == made.Id, Ct);
        Assert.Equal((1, VersionKind.Labeled, 2L), (version.Number, version.Kind, version.Rows));
        // a dataset of its own: the whole one keeps its newest version
        Assert.EndsWith(": Task", made.DatasetName, StringComparison.Ordinal);
        Assert.Equal([Version], version.Parents);
        Assert.Contains(task.ToString(), version.Recipe, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewrite_ApprovedTextBecomesTheResponse()
    {
        var task = await NewTaskAsync(Better, rows: new RowChoice(1), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "پاسخ بهتر");
        await ApproveAllAsync(task, item => item.Answers[0].Values["answer"]);
        var row = Assert.Single(await RowsOfAsync(await Snapshots.MakeAsync(Lead, Project, task, 1, Ct, SnapshotRows.Decided)));
        Assert.Equal(("پاسخ بهتر", 2), (row.Response, row.Messages.Count));
    }

    [Fact]
    public async Task Rate_KeepsRowsFromTheMinimumOn_Unchanged()
    {
        var task = await NewTaskAsync(Points, rows: new RowChoice(5), people: Ada);
        await AnswerAllAsync(Ada, task, item => $"{item.Ordinal + 1}");
        await ApproveAllAsync(task, item => item.Answers[0].Values["answer"]);
        var rows = await RowsOfAsync(await Snapshots.MakeAsync(Lead, Project, task, 4, Ct, SnapshotRows.Decided));
        Assert.Equal([("row003", "Response 3"), ("row004", "Response 4")], rows.Select(r => (r.Id, r.Response!)));
    }

    [Fact]
    public async Task NothingApproved_IsRefusedWithWhatToDo()
    {
        var task = await NewTaskAsync();
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => Snapshots.MakeAsync(Lead, Project, task, 1, Ct));
        Assert.Contains("Nothing is decided yet", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_KeepsAllRowsInTheirOrder_WithTheDecidedAnswersInPlaceOfTheOldOnes()
    {
        var task = await NewTaskAsync(Better, rows: new RowChoice(3), people: Ada);
        await AnswerAllAsync(Ada, task, item => item.Ordinal == 1 ? "Response 1" : $"Better {item.Ordinal}");
        await ApproveAllAsync(task, item => item.Answers[0].Values["answer"]);

        var preview = await Snapshots.PreviewAsync(Lead, Project, task, 1, Ct);
        Assert.Equal((6L, 3, 2, 1, 0), (preview.Rows, preview.Decided, preview.Changed, preview.Same, preview.Leaving));
        Assert.Equal(
            [("row000", "Response 0", "Better 0"), ("row002", "Response 2", "Better 2")],
            preview.Changes.Select(c => (c.RowId, c.Before, c.After!))
        );

        var made = await Snapshots.MakeAsync(Lead, Project, task, 1, Ct);
        Assert.Equal((2, 6L), (made.Number, made.Rows));
        Assert.Equal(
            ["Better 0", "Response 1", "Better 2", "Response 3", "Response 4", "Response 5"],
            (await RowsOfAsync(made)).Select(r => r.Response!)
        );
        await using var db = Portal.OpenDb();
        var version = await db.DatasetVersions.SingleAsync(v => v.Id == made.Id, Ct);
        Assert.Equal([Version], version.Parents);
        Assert.Contains("\"rows\":\"Merged\"", version.Recipe, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_RatedTooLow_LeavesAlone()
    {
        var task = await NewTaskAsync(Points, rows: new RowChoice(5), people: Ada);
        await AnswerAllAsync(Ada, task, item => $"{item.Ordinal + 1}");
        await ApproveAllAsync(task, item => item.Answers[0].Values["answer"]);
        var preview = await Snapshots.PreviewAsync(Lead, Project, task, 4, Ct);
        Assert.Equal((0, 3, 2), (preview.Changed, preview.Leaving, preview.Same));
        Assert.Equal(
            ["row003", "row004", "row005"],
            (await RowsOfAsync(await Snapshots.MakeAsync(Lead, Project, task, 4, Ct))).Select(r => r.Id)
        );
    }

    [Fact]
    public async Task Merge_AfterNewerVersions_SaysThatTheyAreNotInIt()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await ApproveAllAsync(task, _ => "yes");
        await Snapshots.MakeAsync(Lead, Project, task, 1, Ct);
        var preview = await Snapshots.PreviewAsync(Lead, Project, task, 1, Ct);
        Assert.Equal((1, 2), (preview.Version, preview.Newest));
        Assert.Equal(3, (await Snapshots.MakeAsync(Lead, Project, task, 1, Ct)).Number);
    }

    [Fact]
    public async Task Labels_OfSeveralPeople_CarryHowProbableEachIs_UnlessAReviewerDecidedAgainstThem()
    {
        var stale = Rows(3)
            .Select(row =>
                row with
                {
                    Label = "no",
                    Extra = new Dictionary<string, string> { [ClassifierColumns.LabelShares] = """{"no":0.9,"yes":0.1}""" },
                }
            );
        Version = (await Portal.AddVersionAsync(Project, stale, "stale")).Id;
        var task = await NewTaskAsync(answers: 3, people: [Ada, Bo, Lead]);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await AnswerAllAsync(Bo, task, item => item.Ordinal == 2 ? "no" : "yes");
        await AnswerAllAsync(
            Lead,
            task,
            item =>
                item.Ordinal == 0 ? "yes"
                : item.Ordinal == 1 ? "no"
                : "unclear"
        );
        await ApproveAllAsync(task, item => "yes");

        var rows = await RowsOfAsync(await Snapshots.MakeAsync(Lead, Project, task, 1, Ct));
        Assert.Equal(
            ["""{"yes":1}""", """{"yes":0.666667,"no":0.333333}""", null],
            rows.Select(row => row.Extra.GetValueOrDefault(ClassifierColumns.LabelShares))
        );
    }

    [Fact]
    public async Task Labels_OfManyItems_WeighPeopleByHowReliableTheyAre()
    {
        Version = (await Portal.AddVersionAsync(Project, Rows(40), "many")).Id;
        var task = await NewTaskAsync(answers: 3, people: [Ada, Bo, Lead]);
        await AnswerAllAsync(Ada, task, item => item.Ordinal % 2 == 0 ? "yes" : "no");
        await AnswerAllAsync(Bo, task, item => item.Ordinal % 2 == 0 ? "yes" : "no");
        await AnswerAllAsync(Lead, task, item => item.Ordinal % 4 < 2 ? "yes" : "no"); // says nothing
        await ApproveAllAsync(task, item => item.Answers[0].Values["answer"]);

        var rows = await RowsOfAsync(await Snapshots.MakeAsync(Lead, Project, task, 1, Ct));
        Assert.All(
            rows,
            row => Assert.True(ClassifierColumns.SharesOf(row)![row.Label!] > 0.9, "The two who agree count for more than the third.")
        );
    }

    [Fact]
    public async Task DecidedOnly_Twice_IsTwoVersionsOfOneDatasetOfItsOwn()
    {
        var task = await NewTaskAsync(rows: new RowChoice(1), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "yes");
        await ApproveAllAsync(task, _ => "yes");
        var first = await Snapshots.MakeAsync(Lead, Project, task, 1, Ct, SnapshotRows.Decided);
        var second = await Snapshots.MakeAsync(Lead, Project, task, 1, Ct, SnapshotRows.Decided);
        Assert.Equal((first.DatasetId, 1, 2), (second.DatasetId, first.Number, second.Number));
        Assert.Equal(Version, (await Tasks.FormAsync(Lead, Project, Ct)).Versions[0].Id);
    }

    private async Task<List<CanonicalRow>> RowsOfAsync(MadeVersion made)
    {
        await using var db = Portal.OpenDb();
        var sha256 = await db.DatasetVersions.Where(v => v.Id == made.Id).Select(v => v.Sha256).SingleAsync(Ct);
        return await new VersionReader().ReadAsync(Portal.Get<FileStore>().PathOf(sha256), cancellationToken: Ct).ToListAsync(Ct);
    }
}
