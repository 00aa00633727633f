using System.Text;
using System.Text.Json;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class ExchangeTests : LabelingTest
{
    private LabelExport Export => Portal.Get<LabelExport>();
    private LabelImport Import => Portal.Get<LabelImport>();

    [Theory]
    [InlineData(LabelExportFormat.Jsonl)]
    [InlineData(LabelExportFormat.LabelStudio)]
    public async Task ExportThenImport_GivesTheSameAnswersAndAgreement(LabelExportFormat format)
    {
        var task = await NewTaskAsync([Labels, Question.New(QuestionKind.Rate, "quality", "How good?")], new TaskRules { Overlap = 2, Order = ItemOrder.AsGiven });
        foreach (var (person, shift) in ((Caller, int)[])[(Ada, 0), (Bo, 1)])
        {
            while (await NextAsync(person, task) is { } item)
                await Answers.SubmitAsync(person, Project, item.Id, new Dictionary<string, string> { ["answer"] = item.Ordinal % 3 == 0 ? "yes" : "no", ["quality"] = $"{1 + ((item.Ordinal + shift) % 5)}" }, 1, Ct);
        }

        var text = await WriteAsync(task, format);
        Assert.DoesNotContain(Ada.UserId, text, StringComparison.Ordinal);
        var copy = await Import.ImportAsync(Lead, Project, "Copy", new MemoryStream(Encoding.UTF8.GetBytes(text)), Ct);
        var (before, after) = (await Overviews.AgreementAsync(Lead, Project, task, Ct), await Overviews.AgreementAsync(Lead, Project, copy, Ct));
        Assert.Equal(before.Select(a => (a.Key, a.Share, Math.Round(a.Alpha!.Value, 9))), after.Select(a => (a.Key, a.Share, Math.Round(a.Alpha!.Value, 9))));
    }

    [Fact]
    public async Task Import_LabelStudiosOwnFile_WithMarksAndSeveralChoices()
    {
        const string file = """
            [{"id": 1, "data": {"text": "Ada met Bo in Paris"}, "annotations": [
                {"completed_by": 7, "was_cancelled": false, "result": [
                    {"from_name": "Label", "to_name": "text", "type": "labels", "value": {"start": 0, "end": 3, "text": "Ada", "labels": ["Person"]}},
                    {"from_name": "topics", "to_name": "text", "type": "choices", "value": {"choices": ["travel", "people"]}}]},
                {"completed_by": 8, "was_cancelled": true, "result": []}]}]
            """;
        var task = await Import.ImportAsync(Lead, Project, "From elsewhere", new MemoryStream(Encoding.UTF8.GetBytes(file)), Ct);
        var item = Assert.Single((await Overviews.ItemsAsync(Lead, Project, task, null, 0, 10, Ct)).Items);
        var answer = Assert.Single(item.Answers);
        Assert.Equal("""["people","travel"]""", answer["topics"]);
        Assert.Equal(new SpanMark(0, 3, "Person"), Assert.Single(JsonSerializer.Deserialize<SpanMark[]>(answer["label"], JsonSerializerOptions.Web)!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{}]")]
    [InlineData("[{\"data\": {}}]")]
    [InlineData("not json")]
    [InlineData("{\"text\": \"no answer at all\"}")]
    [InlineData("[{\"data\":{\"text\":\"x\"},\"annotations\":[{\"result\":[{\"from_name\":\"a\",\"type\":\"brushlabels\",\"value\":{}}]}]}]")]
    public async Task Import_WhatCannotBeRead_IsRefusedWithASentence(string file) =>
        await Assert.ThrowsAsync<RuleViolationException>(() => Import.ImportAsync(Lead, Project, "x", new MemoryStream(Encoding.UTF8.GetBytes(file)), Ct));

    [Fact]
    public async Task Csv_CellsThatSpreadsheetsWouldRun_AreGuarded()
    {
        Version = (await Portal.AddVersionAsync(Project, [CanonicalRow.Create("r", 1, null, "=cmd|' /C calc'!A0", (string?)null)], "Formulas")).Id;
        var task = await NewTaskAsync(Question.New(QuestionKind.Text, "answer", "?"), people: Ada);
        await AnswerAllAsync(Ada, task, _ => "@SUM(1)");
        var csv = await WriteAsync(task, LabelExportFormat.Csv);
        Assert.Contains("\"'=cmd", csv, StringComparison.Ordinal);
        Assert.Contains("\"'@SUM(1)\"", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ByAnAnnotator_IsForbidden()
    {
        var task = await NewTaskAsync();
        await Assert.ThrowsAsync<ForbiddenException>(() => Export.WriteAsync(Ada, Project, task, LabelExportFormat.Jsonl, Stream.Null, Ct));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("[a](javascript:alert(1))")]
    [InlineData("[a](data:text/html;base64,xx)")]
    [InlineData("![a](https://evil.example/x.png)")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    public void Markdown_HarmfulMarkup_IsNeitherScriptNorImageNorOtherAddress(string text)
    {
        var html = Markdown.Render(text).Value;
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(?i)<a[^>]*(javascript|data):", html);
    }

    [Fact]
    public void Difference_TellsWhatWasAddedAndRemoved() =>
        Assert.Equal(
            [new Piece(PieceKind.Same, "the "), new(PieceKind.Removed, "old"), new(PieceKind.Added, "new"), new(PieceKind.Same, " text")],
            TextDifference.Of("the old text", "the new text"));

    [Fact]
    public void WordSelection_MovesAndStretchesByWords()
    {
        const string text = "Ada met Bo.";
        var one = WordSelection.Move(text, null, "next-word");
        Assert.Equal((0, 3), one);
        Assert.Equal((0, 7), WordSelection.Move(text, one, "longer"));
        Assert.Equal((8, 10), WordSelection.Move(text, (4, 7), "next-word"));
        Assert.Equal((0, 3), WordSelection.Move(text, (0, 7), "shorter"));
    }

    private async Task<string> WriteAsync(Guid task, LabelExportFormat format)
    {
        using var target = new MemoryStream();
        await Export.WriteAsync(Lead, Project, task, format, target, Ct);
        return Encoding.UTF8.GetString(target.ToArray());
    }
}
