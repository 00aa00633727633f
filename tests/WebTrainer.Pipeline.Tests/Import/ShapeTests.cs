using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

public sealed class ShapeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"instruction\":\"Add\",\"input\":\"1 2\",\"output\":\"3\"}", DataShape.Alpaca, null, "Add\n\n1 2", "3")]
    [InlineData(
        "{\"instruction\":\"Add\",\"input\":\"\",\"output\":\"3\",\"system\":\"Be brief\"}",
        DataShape.Alpaca,
        "Be brief",
        "Add",
        "3"
    )]
    [InlineData("{\"prompt\":\"p\",\"completion\":\"c\"}", DataShape.PromptCompletion, null, "p", "c")]
    [InlineData("{\"question\":\"q\",\"answer\":5}", DataShape.PromptCompletion, null, "q", "5")]
    [InlineData("{\"utterance\":\"u\",\"intent\":\" i \"}", DataShape.Label, null, "u", "i")]
    [InlineData(
        "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"u\"},{\"role\":\"assistant\",\"content\":\"a\"}]}",
        DataShape.Chat,
        "s",
        "u",
        "a"
    )]
    [InlineData(
        "{\"conversations\":[{\"from\":\"human\",\"value\":\"u\"},{\"from\":\"gpt\",\"value\":\"a\"}],\"system\":\"s\"}",
        DataShape.ShareGpt,
        "s",
        "u",
        "a"
    )]
    public async Task Import_EachShape_IsFoundAndRead(string line, DataShape shape, string? system, string prompt, string response)
    {
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", line));

        var row = Assert.Single(await report.Version.RowsAsync());
        Assert.Equal(shape, report.Mapping.Shape);
        Assert.Equal((system, prompt, response), (row.System, row.Prompt, row.Response));
    }

    /// <summary>A field that few rows fill is a field too.</summary>
    [Fact]
    public async Task Import_AlpacaWithInputInFewRows_KeepsTheInputs()
    {
        var lines = Enumerable
            .Range(0, 10)
            .Select(i => $"{{\"instruction\":\"Add\",\"input\":{(i % 3 == 0 ? $"\"{i}\"" : "null")},\"output\":\"o\"}}");
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", string.Join('\n', lines)));
        Assert.Equal("input", report.Mapping.Input);
        Assert.Equal(["Add\n\n0", "Add", "Add", "Add\n\n3"], (await report.Version.RowsAsync()).Take(4).Select(row => row.Prompt));
    }

    /// <summary>As TRL's sets are written: texts or messages, with the prompt or without.</summary>
    [Theory]
    [InlineData("{\"prompt\":\"p\",\"completion\":\"c\",\"label\":false}", DataShape.Kto, "p", "c", "false")]
    [InlineData(
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"p\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"c\"}],\"label\":true}",
        DataShape.Kto,
        "p",
        "c",
        "true"
    )]
    [InlineData(
        "{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"p\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"c\"}]}",
        DataShape.PromptCompletion,
        "p",
        "c",
        null
    )]
    [InlineData(
        "{\"chosen\":[{\"role\":\"user\",\"content\":\"p\"},{\"role\":\"assistant\",\"content\":\"c\"}],\"rejected\":[{\"role\":\"user\",\"content\":\"p\"},{\"role\":\"assistant\",\"content\":\"r\"}]}",
        DataShape.Preference,
        "p",
        "c",
        "r"
    )]
    [InlineData(
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"p\"}],\"chosen\":[{\"role\":\"assistant\",\"content\":\"c\"}],\"rejected\":[{\"role\":\"assistant\",\"content\":\"r\"}]}",
        DataShape.Preference,
        "p",
        "c",
        "r"
    )]
    public async Task Import_SetsOfPreferences_AreFoundAndRead(string line, DataShape shape, string prompt, string response, string? beside)
    {
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", line));
        Assert.Equal(shape, report.Mapping.Shape);
        var row = Assert.Single(await report.Version.RowsAsync());
        Assert.Equal((prompt, response), (row.Prompt, row.Response));
        Assert.Equal(beside, row.Extra.Values.SingleOrDefault());
    }

    [Fact]
    public async Task Import_PairThatBeginsOtherwise_IsReportedWithWhatToDo()
    {
        const string Good =
            "{\"chosen\":[{\"role\":\"user\",\"content\":\"p\"},{\"role\":\"assistant\",\"content\":\"c\"}],\"rejected\":[{\"role\":\"user\",\"content\":\"p\"},{\"role\":\"assistant\",\"content\":\"r\"}]}";
        var report = await _folder.ImportAsync(
            _folder.Write(
                "a.jsonl",
                Good
                    + "\n"
                    + Good.Replace(
                        "\"rejected\":[{\"role\":\"user\",\"content\":\"p\"}",
                        "\"rejected\":[{\"role\":\"user\",\"content\":\"another\"}",
                        StringComparison.Ordinal
                    )
            )
        );
        var problem = Assert.Single(report.Problems);
        Assert.Equal((2L, "rejected"), (problem.Line, problem.Key));
        Assert.Contains("Choose which field holds the prompt", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "card_arrival")]
    [InlineData(true, "card arrival")]
    public async Task Import_LabelsAsWords_WritesLabelAndAnswerAlike(bool asWords, string expected)
    {
        var file = _folder.Write("a.csv", "text,category\nwhere is it,card_arrival\n");
        var row = (await (await _folder.ImportAsync(file, m => m with { LabelsAsWords = asWords })).Version.RowsAsync()).Single();
        Assert.Equal((expected, expected), (row.Label, row.Response));
    }

    [Fact]
    public async Task Import_LongConversation_PromptHoldsAllTurnsBeforeTheAnswer()
    {
        const string Line = """
            {"messages":[{"role":"user","content":"1"},{"role":"assistant","content":"2"},{"role":"user","content":"3"},{"role":"assistant","content":"4"}]}
            """;
        var row = (await (await _folder.ImportAsync(_folder.Write("a.jsonl", Line))).Version.RowsAsync()).Single();

        Assert.Equal(("1\n\n2\n\n3", "4", 4), (row.Prompt, row.Response, row.Messages.Count));
    }

    [Fact]
    public async Task Import_RowPerInstance_MakesDistinctIds()
    {
        const string Line = """{"instruction":"i","instances":[{"input":"","output":"a"},{"input":"x","output":"b"}]}""";
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", Line), m => m with { RowPerInstance = true });

        Assert.Equal((1L, 2L), (report.RecordsRead, report.RowsKept));
        Assert.Equal(["i", "i\n\nx"], (await report.Version.RowsAsync()).Select(r => r.Prompt));
    }

    [Fact]
    public async Task Import_Label_InstructionStandsBeforeTheText()
    {
        var file = _folder.Write("a.csv", "text,label\nhello,x\n");
        var report = await _folder.ImportAsync(file, m => m with { Instruction = "Classify the message." });

        Assert.Equal("Classify the message.\n\nhello", (await report.Version.RowsAsync()).Single().Prompt);
    }

    [Fact]
    public async Task Import_TextsAlone_AreKeptForLabelling()
    {
        var report = await _folder.ImportAsync(_folder.Write("a.csv", "text\nhello\nworld\n"));

        Assert.Equal([("hello", null), ("world", null)], (await report.Version.RowsAsync()).Select(r => (r.Prompt, r.Response)));
    }

    [Fact]
    public async Task Detect_UnknownNames_LeavesTheChoice()
    {
        var file = _folder.Write("a.jsonl", "{\"foo\":\"a\",\"bar\":\"b\",\"baz\":\"c\"}\n");
        var proposal = await new ShapeDetector().DetectAsync(file, await new FileInspector().InspectAsync(file));

        Assert.Null(proposal.Mapping);
        Assert.Equal(["foo", "bar", "baz"], proposal.Fields);
    }

    [Fact]
    public async Task Import_MappingWithoutResponse_IsRefusedBeforeReading()
    {
        var file = _folder.Write("a.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}");
        var problem = await Assert.ThrowsAsync<DataProblemException>(() => _folder.ImportAsync(file, m => m with { Response = null }));

        Assert.StartsWith("Choose which field holds the response", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_ShowsFirstRowsAndProblems()
    {
        var file = _folder.Write(
            "a.jsonl",
            "{\"prompt\":\"p\"}\n{\"prompt\":\"p\",\"completion\":\"c\"}\n{\"prompt\":\"q\",\"completion\":\"d\"}\n"
        );
        var inspection = await new FileInspector().InspectAsync(file);
        var mapping = new ColumnMapping
        {
            Shape = DataShape.PromptCompletion,
            Prompt = "prompt",
            Response = "completion",
        };
        var preview = await new ShapeDetector().PreviewAsync(file, inspection, mapping, 1);

        Assert.Equal("p", Assert.Single(preview.Rows).Prompt);
        Assert.Equal(1, Assert.Single(preview.Problems).Line);
    }

    [Fact]
    public async Task Import_Twice_GivesTheSameIdsAndTheSameFile()
    {
        var file = _folder.Write("a.csv", "text,label\nhello,x\nworld,y\n");
        var first = await _folder.ImportAsync(file, name: "1.parquet");
        var second = await _folder.ImportAsync(file, name: "2.parquet");

        Assert.Equal(first.Version.Sha256, second.Version.Sha256);
        Assert.All(await first.Version.RowsAsync(), r => Assert.Matches("^[0-9a-f]{16}$", r.Id));
    }
}
