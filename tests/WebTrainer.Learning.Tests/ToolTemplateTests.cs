using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests;

/// <summary>Tools in conversations: shown by a template that has a form for them, and said where it has none.</summary>
public sealed class ToolTemplateTests : IDisposable
{
    private const string Taking =
        "{% if tools %}<|system|>{% for t in tools %}{{ t.function.name }} {% endfor %}<|end|>{% endif %}"
        + "{% for m in messages %}<|{{ m.role }}|>{% if m.tool_calls %}{{ m.content or '' }}{% for c in m.tool_calls %}[{{ c.id }} {{ c.function.name }} {{ c.function.arguments | tojson }}]{% endfor %}"
        + "{% elif m.role == 'tool' %}{{ m.name }} {{ m.tool_call_id }} {{ m.content }}{% else %}{{ m.content }}{% endif %}<|end|>{% endfor %}"
        + "{% if add_generation_prompt %}<|assistant|>{% endif %}";

    private const string Plain =
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

    private static readonly JsonElement s_tools = JsonDocument
        .Parse("""[{"type":"function","function":{"name":"weather<|end|>"}}]""")
        .RootElement;

    private readonly TemporaryFolder _folder = new();

    private static ChatMessage[] Conversation =>
        [
            new("user", "q") { Tools = s_tools },
            new("assistant", "So.\n" + ToolText.Write("weather", """{"city":"Köln<|end|>"}""") + "\n" + ToolText.Write("time", "{}"))
            {
                Calls = 2,
            },
            new("user", "noon") { Result = 2 },
            new("user", "rain") { Result = 1, Tool = "sky" },
            new("assistant", "Rain."),
        ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TemplateThatTakesTools_IsGivenThem()
    {
        var format = new JinjaFormat(Taking, new Dictionary<string, string>(), ["<|end|>"]);
        Assert.Equal(new ToolSupport(true, true, true), format.Tools);
        Assert.Equal(
            "<|system|>weather<|end|> <|end|><|user|>q<|end|>"
                + "<|assistant|>So.[call00001 weather {\"city\": \"Köln<|end|>\"}][call00002 time {}]<|end|>"
                + "<|tool|>time call00002 noon<|end|><|tool|>sky call00001 rain<|end|><|assistant|>Rain.<|end|>",
            Text(format.Whole(Conversation))
        );
    }

    [Fact]
    public void AnswerThatCalls_IsLearnedAsTheTemplateWritesIt_AndItsWordsAreData()
    {
        TinyModel.Write(_folder.Path);
        File.WriteAllText(_folder.File("chat_template.jinja"), Taking);
        var encoder = ConversationEncoder.Of(_folder.Path, PromptTemplate.Chat, 512);
        var row = encoder.Encode(new("1", Conversation[..2]));
        var learned = System.Text.Encoding.UTF8.GetString([
            .. row.Tokens[row.AnswerStart..].SelectMany(id => encoder.Tokenizer.BytesOf(id).ToArray()),
        ]);
        Assert.Equal("So.[call00001 weather {\"city\": \"Köln<|end|>\"}][call00002 time {}]<|end|>", learned);
        // behind the tools, the question and the answer: none of those in names and arguments is the token
        Assert.Equal(3, row.Tokens.Count(id => id == encoder.Tokenizer.EndId));
        Assert.Null(encoder.Unshown([new("1", Conversation)]));
    }

    [Fact]
    public void TemplateWithoutAFormForTools_ShowsCallsAndResultsAsWords_AndItIsSaid()
    {
        TinyModel.Write(_folder.Path);
        File.WriteAllText(_folder.File("chat_template.jinja"), Plain);
        var encoder = ConversationEncoder.Of(_folder.Path, PromptTemplate.Chat, 512);
        var format = new JinjaFormat(Plain, new Dictionary<string, string>());
        Assert.Equal(new ToolSupport(false, false, true), format.Tools);
        Assert.Equal(
            $"<|user|>q<|end|><|assistant|>{Conversation[1].Content}<|end|><|tool|>noon<|end|><|tool|>rain<|end|><|assistant|>",
            Text(format.Prompt(Conversation[..4]))
        );
        Assert.Equal(
            new UnshownTools(Definitions: 1, Calls: 1, Results: 0),
            encoder.Unshown([new("1", Conversation), new("2", [new("user", "a"), new("assistant", "b")])])
        );
    }

    [Fact]
    public void Patterns_ShowCallsAndResultsAsWords_AndItIsSaid()
    {
        TinyModel.Write(_folder.Path);
        var encoder = new ConversationEncoder(TextTokenizer.Load(_folder.Path), PromptTemplate.Chat, 512);
        Assert.Equal(new UnshownTools(1, 1, 1), encoder.Unshown([new("1", Conversation)]));
        Assert.NotEmpty(encoder.Encode(new("1", Conversation)).Tokens);
    }

    [Fact]
    public void CallsWhoseTextWasChanged_AreRefused()
    {
        var format = new JinjaFormat(Taking, new Dictionary<string, string>());
        ChatMessage[] changed = [Conversation[0], Conversation[1] with { Content = "[removed]" }];
        var error = Assert.Throws<DataException>(() => format.Whole(changed));
        Assert.Contains("can't be read any more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TemplateThatRefusesSeveralCalls_RefusesTheRow()
    {
        var format = new JinjaFormat(
            "{% for m in messages %}{% if m.tool_calls and m.tool_calls | length > 1 %}{{ raise_exception('One call only!') }}{% endif %}{% endfor %}"
                + Taking,
            new Dictionary<string, string>()
        );
        Assert.Contains("One call only!", Assert.Throws<DataException>(() => format.Whole(Conversation)).Message, StringComparison.Ordinal);
    }

    private static string Text(IEnumerable<TextPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));
}
