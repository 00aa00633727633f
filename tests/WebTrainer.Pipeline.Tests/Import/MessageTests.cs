using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

/// <summary>Conversations as the programs of others write them, and what is said of what isn't used.</summary>
public sealed class MessageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"conversations":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}""", "u", "a")]
    [InlineData("""{"messages":[{"from":"human","value":"u"},{"from":"gpt","value":"a"}]}""", "u", "a")]
    [InlineData("""{"conversation":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}""", "u", "a")]
    [InlineData(
        """{"messages":[{"role":"user","content":[{"type":"text","text":"u"},{"type":"text","text":"v"}]},{"role":"assistant","content":"a"}]}""",
        "uv",
        "a"
    )]
    [InlineData(
        """{"messages":[{"role":"system","content":""},{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}""",
        "u",
        "a"
    )]
    [InlineData("""{"instruction":"u","input":"","output":"a","history":[["q","r"]]}""", "q\n\nr\n\nu", "a")]
    [InlineData("""{"instruction":"u","input":"","output":"a","system":"s","history":[]}""", "u", "a")]
    [InlineData(
        """{"input":{"messages":[{"role":"user","content":"u"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}""",
        "u",
        "a"
    )]
    public async Task Import_ConversationsInOtherWords_AreReadAlike(string line, string prompt, string response)
    {
        var row = Assert.Single(await (await _folder.ImportAsync(_folder.Write("a.jsonl", line))).Version.RowsAsync());
        Assert.Equal((prompt, response), (row.Prompt, row.Response));
    }

    [Fact]
    public async Task Import_AnswerThatCallsATool_HoldsTheCall()
    {
        const string Line = """
            {"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Köln\"}"}}]}]}
            """;
        var row = Assert.Single(await (await _folder.ImportAsync(_folder.Write("a.jsonl", Line))).Version.RowsAsync());
        Assert.Equal("<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Köln\"}}\n</tool_call>", row.Response);
    }

    [Fact]
    public async Task Import_ToolsTheirCallsAndResults_StayKnown_AndGoOutAsTheyCame()
    {
        const string Line = """
            {"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":"I look.","tool_calls":[{"id":"x","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Köln\"}"}},{"id":"y","type":"function","function":{"name":"time","arguments":"{}"}}]},{"role":"tool","tool_call_id":"y","name":"time","content":"noon"},{"role":"tool","tool_call_id":"x","content":"rain"},{"role":"assistant","content":"Rain."}],"tools":[{"name":"weather"}]}
            """;
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", Line));
        Assert.Empty(report.Unused);
        var messages = Assert.Single(await report.Version.RowsAsync()).Messages;
        Assert.Equal(2, messages[1].Calls);
        Assert.Equal([(2, "time"), (1, null)], messages.Skip(2).Take(2).Select(message => (message.Result!.Value, message.Tool)));
        Assert.Equal("""[{"type":"function","function":{"name":"weather"}}]""", messages[0].Tools!.Value.GetRawText());
        using var stream = new MemoryStream();
        await new DatasetExporter().ExportAsync(report.Version.Path, ExportFormat.OpenAiChat, stream);
        var line = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains(
            "\"tool_calls\":[{\"id\":\"call00001\",\"type\":\"function\",\"function\":{\"name\":\"weather\"",
            line,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "{\"role\":\"tool\",\"content\":\"noon\",\"name\":\"time\",\"tool_call_id\":\"call00002\"}",
            line,
            StringComparison.Ordinal
        );
        Assert.EndsWith("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}]}\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_AnswerOfWeightNought_IsNotTheOneThatIsLearned()
    {
        const string Line = """
            {"messages":[{"role":"user","content":"1"},{"role":"assistant","content":"2","weight":1},{"role":"user","content":"3"},{"role":"assistant","content":"4","weight":0}]}
            """;
        var report = await _folder.ImportAsync(
            _folder.Write("a.jsonl", Line + "\n" + Line.Replace("\"weight\":1", "\"weight\":0", StringComparison.Ordinal))
        );
        Assert.Equal([("1", "2")], (await report.Version.RowsAsync()).Select(row => (row.Prompt, row.Response)));
        Assert.Contains("weight 0", Assert.Single(report.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_EarlierAnswerOfWeightNought_KeepsItsWeight()
    {
        const string Line = """
            {"messages":[{"role":"user","content":"1"},{"role":"assistant","content":"2","weight":0},{"role":"user","content":"3"},{"role":"assistant","content":"4","weight":1}]}
            """;
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", Line));
        var row = Assert.Single(await report.Version.RowsAsync());
        Assert.Equal([null, 0, null, null], row.Messages.Select(message => message.Weight));
        Assert.Empty(report.Problems);
    }

    [Fact]
    public async Task Import_PartThatIsAPicture_IsRefusedByItsKind()
    {
        const string Good = """{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}""";
        const string Picture =
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]},{"role":"assistant","content":"a"}]}""";
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", $"{Good}\n{Picture}"));
        var problem = Assert.Single(report.Problems);
        Assert.Equal((2L, "content"), (problem.Line, problem.Key));
        Assert.Contains("'image_url'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhatRowsHoldAndNothingIsMadeOf_IsSaidWithItsRows()
    {
        const string Line =
            """{"messages":[{"role":"user","content":"u","name":"ana"},{"role":"assistant","content":"a","refusal":null}],"source":"web"}""";
        var file = _folder.Write("a.jsonl", $"{Line}\n{Line}\n{Line.Replace(",\"name\":\"ana\"", "", StringComparison.Ordinal)}");
        var report = await _folder.ImportAsync(file, mapping => mapping with { Extra = [] });
        Assert.Equal([new UnusedField("source", 3), new UnusedField("messages.name", 2)], report.Unused);
    }

    [Fact]
    public async Task Import_ListsAndObjectsBesideTheTexts_AreKeptAsJson()
    {
        var report = await _folder.ImportAsync(
            _folder.Write("a.jsonl", """{"prompt":"p","completion":"c","tags":["ä","b"],"meta":{"n": 1}}""")
        );
        var row = Assert.Single(await report.Version.RowsAsync());
        Assert.Equal(("""["ä","b"]""", """{"n":1}"""), (row.Extra["tags"], row.Extra["meta"]));
        Assert.Empty(report.Unused);
    }

    [Fact]
    public async Task Import_NumbersThatAreNone_AreNothingAndCostNoRow()
    {
        var report = await _folder.ImportAsync(
            _folder.Write("a.jsonl", """{"prompt":"NaN \"Infinity","completion":"c","score":NaN,"most":-Infinity,"least":1.5}""")
        );
        var row = Assert.Single(await report.Version.RowsAsync());
        Assert.Equal("NaN \"Infinity", row.Prompt);
        Assert.Equal("least", Assert.Single(row.Extra).Key);
    }

    [Fact]
    public async Task Import_LineThatHoldsASeparatorOfUnicode_IsOneRow()
    {
        var report = await _folder.ImportAsync(_folder.Write("a.jsonl", "{\"prompt\":\"p\u2028q\",\"completion\":\"c\u2029\u0085d\"}"));
        Assert.Equal(
            ("p\u2028q", "c\u2029\u0085d"),
            (await report.Version.RowsAsync()).Select(row => (row.Prompt, row.Response!)).Single()
        );
    }
}
