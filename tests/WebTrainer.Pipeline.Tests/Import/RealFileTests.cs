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
    public async Task Import_SmsSpam_TabsWithoutHeaderOrQuotes()
    {
        var report = await _folder.ImportAsync(RealData.File("sms_spam", "sms.tsv"));

        Assert.Equal((5_574L, 2L), (report.RecordsRead, report.Version.DistinctLabels));
        Assert.Equal(0, report.ProblemCount);
    }

    [Theory]
    [InlineData("dpo_en_demo.json", "preference")]
    [InlineData("kto_en_demo.json", "KTO")]
    public async Task Detect_Preferences_AreRefusedInWords(string name, string word)
    {
        var file = RealData.File("llamafactory_demo", name);
        var proposal = await new ShapeDetector().DetectAsync(file, await new FileInspector().InspectAsync(file));

        Assert.Null(proposal.Mapping);
        Assert.Contains(word, proposal.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_ToolCalls_UnsupportedRolesAreReported()
    {
        var report = await _folder.ImportAsync(RealData.File("llamafactory_demo", "glaive_toolcall_en_demo.json"));

        Assert.Equal((DataShape.ShareGpt, 300L), (report.Mapping.Shape, report.RecordsRead));
        Assert.Contains(report.Problems, p => p.Message.Contains("function_call", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_PersianProse_EveryLetterComesBack()
    {
        var sentences = await File.ReadAllLinesAsync(RealData.File("persian_text", "ud_seraji_dev_sentences.txt").Path);
        var lines = sentences.Select((s, i) => $"{{\"prompt\":\"جمله {i}\",\"completion\":{System.Text.Json.JsonSerializer.Serialize(s)}}}");
        var report = await _folder.ImportAsync(_folder.Write("persian.jsonl", string.Join('\n', lines)));

        Assert.Equal(sentences, (await report.Version.RowsAsync()).Select(r => r.Response));
        Assert.Contains(sentences, s => s.Contains('\u200C', StringComparison.Ordinal));
    }
}
