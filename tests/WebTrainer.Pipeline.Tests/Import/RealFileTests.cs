using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class RealFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train.csv", 10_003)]
    [InlineData("test.csv", 3_080)]
    public async Task Import_Banking77_AllRowsAnd77Labels(string name, long rows)
    {
        var report = await _folder.ImportAsync(RealData.File("banking77", name));

        Assert.Equal(DataShape.Label, report.Mapping.Shape);
        Assert.Equal("category", report.Mapping.Label);
        Assert.Equal((rows, rows, 0L, 77L), (report.RecordsRead, report.RowsKept, report.ProblemCount, report.Version.DistinctLabels));
        var first = (await report.Version.RowsAsync())[0];
        Assert.Equal(2, first.Line);
        Assert.Equal(first.Label, first.Response);
    }

    [Fact]
    public async Task Import_MedQuad_AllPairs()
    {
        var report = await _folder.ImportAsync(RealData.File("medquad", "cancergov.jsonl"));

        Assert.Equal((DataShape.PromptCompletion, 729L, 0L), (report.Mapping.Shape, report.RowsKept, report.ProblemCount));
    }

    [Fact]
    public async Task Import_SelfInstruct_NestedInstances()
    {
        var report = await _folder.ImportAsync(RealData.File("self_instruct_seed_tasks", "seed_tasks.jsonl"));

        Assert.Equal((DataShape.Alpaca, 175L, 0L), (report.Mapping.Shape, report.RowsKept, report.ProblemCount));
        var second = (await report.Version.RowsAsync())[1];
        Assert.Equal("What is the relation between the given pairs?\n\nNight : Day :: Right : Left", second.Prompt);
    }

    [Fact]
    public async Task Import_AlpacaDemo_JsonList()
    {
        var report = await _folder.ImportAsync(RealData.File("llamafactory_demo", "alpaca_en_demo.json"));

        Assert.Equal((DataShape.Alpaca, 999L), (report.Mapping.Shape, report.RowsKept + report.ProblemCount));
        Assert.InRange(report.ProblemCount, 0, 5);
    }

    [Fact]
    public async Task Import_PreferencePairs_LearnTheChosenAnswer_AndKeepTheRejected()
    {
        var report = await _folder.ImportAsync(RealData.File("llamafactory_demo", "dpo_en_demo.json"));
        Assert.Equal((DataShape.Preference, 300L, 0L), (report.Mapping.Shape, report.RowsKept, report.ProblemCount));
        var row = (await report.Version.RowsAsync())[0];
        Assert.NotEqual(row.Response, row.Extra[Preferences.Rejected]);
        Assert.False(string.IsNullOrWhiteSpace(row.Prompt));
    }

    [Fact]
    public async Task Import_JudgedAnswers_KeepWhetherTheyAreWanted()
    {
        var report = await _folder.ImportAsync(RealData.File("llamafactory_demo", "kto_en_demo.json"));
        Assert.Equal((DataShape.Kto, 300L, 0L), (report.Mapping.Shape, report.RowsKept, report.ProblemCount));
        var rows = await report.Version.RowsAsync();
        Assert.InRange(rows.Count(Preferences.IsUndesired), 1, 299);
    }

    [Fact]
    public async Task Import_ToolCalls_AreTurnsOfTheAssistant()
    {
        var report = await _folder.ImportAsync(RealData.File("llamafactory_demo", "glaive_toolcall_en_demo.json"));
        Assert.Equal(DataShape.ShareGpt, report.Mapping.Shape);
        Assert.Equal(300, report.RowsKept + report.ProblemCount);
        Assert.InRange(report.ProblemCount, 0, 5);
    }

    [Fact]
    public async Task Import_SmsSpam_TabsWithoutHeaderOrQuotes()
    {
        var report = await _folder.ImportAsync(RealData.File("sms_spam", "sms.tsv"));

        Assert.Equal((5_574L, 2L), (report.RecordsRead, report.Version.DistinctLabels));
        Assert.Equal(0, report.ProblemCount);
    }

    [Fact]
    public async Task Import_PersianProse_EveryLetterComesBack()
    {
        var sentences = await File.ReadAllLinesAsync(RealData.File("persian_text", "ud_seraji_dev_sentences.txt").Path);
        var lines = sentences.Select(
            (s, i) => $"{{\"prompt\":\"جمله {i}\",\"completion\":{System.Text.Json.JsonSerializer.Serialize(s)}}}"
        );
        var report = await _folder.ImportAsync(_folder.Write("persian.jsonl", string.Join('\n', lines)));

        Assert.Equal(sentences, (await report.Version.RowsAsync()).Select(r => r.Response));
        Assert.Contains(sentences, s => s.Contains('\u200C', StringComparison.Ordinal));
    }
}
