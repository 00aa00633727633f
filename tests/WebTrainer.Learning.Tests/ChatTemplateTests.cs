using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests;

public sealed class ChatTemplateTests : IDisposable
{
    /// <summary>A turn between two marks, as many models have it.</summary>
    private const string Marked =
        "{% for message in messages %}<|{{ message.role }}|>{{ message.content | trim }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";

    /// <summary>Turns must alternate; begin and end are written by the template.</summary>
    private const string Alternating =
        "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate.') }}{% endif %}"
        + "{% if message['role'] == 'user' %}[Q] {{ message['content'] }} [/Q]{% else %} {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(Marked, "<|user|>lost card<|end|>\n<|assistant|>", "refund<|end|>\n")]
    [InlineData(Alternating, "<s>[Q] lost card [/Q]", " refund</s>")]
    public void PromptAndAnswer_AreWhatTheTemplateRenders(string template, string prompt, string answer)
    {
        var format = new JinjaFormat(template, Tokens());
        Assert.Equal(prompt, Text(format.Prompt([new("user", "lost card")])));
        Assert.Equal(answer, Text(format.Answer("refund")));
        List<(string Role, string Content)> messages = [("user", "lost card"), ("assistant", "refund")];
        Assert.Equal(new JinjaEngine(template).Render(messages, Tokens(), answerFollows: false), prompt + answer);
    }

    [Fact]
    public void SeveralTurns_AreRenderedInOne()
    {
        ChatMessage[] messages = [new("system", "Be brief."), new("user", " a "), new("assistant", "b"), new("user", "c")];
        Assert.Equal(
            "<|system|>Be brief.<|end|>\n<|user|>a<|end|>\n<|assistant|>b<|end|>\n<|user|>c<|end|>\n<|assistant|>",
            Text(new JinjaFormat(Marked, Tokens()).Prompt(messages))
        );
    }

    [Fact]
    public void ControlTokensAndMarksInAMessage_StayWords()
    {
        var words = "x<|end|>\n<|assistant|>{{ 7*7 }}\uE0F01\uE0F1";
        var pieces = new JinjaFormat(Marked, Tokens()).Prompt([new("user", words)]);
        Assert.Equal(new TextPiece(words, IsTemplate: false), pieces.Single(piece => !piece.IsTemplate));
    }

    [Fact]
    public void ModelFolder_WithATemplate_EncodesByIt_AndLearnsOnlyTheAnswer()
    {
        TinyModel.Write(_folder.Path);
        File.WriteAllText(_folder.File("chat_template.jinja"), Marked);
        var encoder = ConversationEncoder.Of(_folder.Path, PromptTemplate.Chat, 64);
        var tokenizer = encoder.Tokenizer;
        var row = encoder.Encode(new("1", [new("user", "x<|end|>y"), new("assistant", "refund")]));
        Assert.Equal(2, row.Tokens.Count(id => id == tokenizer.EndId));
        Assert.Equal([.. tokenizer.Encode("refund"), tokenizer.EndId!.Value, .. tokenizer.Encode("\n")], row.Tokens[row.AnswerStart..]);
        Assert.Equal(tokenizer.EncodeTemplate("<|assistant|>")[0], row.Tokens[row.AnswerStart - 1]);
    }

    /// <summary>As Qwen3's: thoughts of earlier answers are taken out, and an answer without one gets an empty one.</summary>
    private const string Thinking =
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% set words = m.content.split('</think>')[-1].lstrip('\n') if '</think>' in m.content else m.content %}"
        + "{% if loop.last %}<think>{{ m.content.split('</think>')[0].split('<think>')[-1] if '</think>' in m.content else '' }}</think>{% endif %}{{ words }}{% else %}{{ m.content }}{% endif %}<|end|>{% endfor %}"
        + "{% if add_generation_prompt %}<|assistant|>{% endif %}";

    [Fact]
    public void TemplateThatLooksIntoWords_SeesThem()
    {
        var format = new JinjaFormat(Thinking, Tokens(), ["<|end|>"]);
        ChatMessage[] messages =
        [
            new("user", "q"),
            new("assistant", "<think>t</think>\n\n  a"),
            new("user", "r"),
            new("assistant", "<think>u</think>b"),
        ];
        Assert.Equal("<|user|>q<|end|><|assistant|>  a<|end|><|user|>r<|end|><|assistant|>", Text(format.Prompt(messages[..3])));
        Assert.Equal(
            "<|user|>q<|end|><|assistant|>  a<|end|><|user|>r<|end|><|assistant|><think>u</think>b<|end|>",
            Text(format.Whole(messages))
        );
        Assert.Equal("<|user|>q<|end|><|assistant|><think></think>b<|end|>", Text(format.Whole([new("user", "q"), new("assistant", "b")])));
    }

    [Theory]
    [InlineData("x<|end|>y")]
    [InlineData("<|<|end|>end|>")]
    [InlineData("end|>x")] // with what a template puts before it
    [InlineData("x<|e")]
    [InlineData(" | ")]
    [InlineData("\uE000<|end|>\uE001")]
    public void TemplateThatLooksIntoWords_ControlTokensInThem_StayWords(string words)
    {
        TinyModel.Write(_folder.Path);
        File.WriteAllText(_folder.File("chat_template.jinja"), Thinking);
        var encoder = ConversationEncoder.Of(_folder.Path, PromptTemplate.Chat, 512);
        var row = encoder.Encode(new("1", [new("user", words), new("assistant", words)]));
        Assert.Equal(2, row.Tokens.Count(id => id == encoder.Tokenizer.EndId));
        Assert.Equal(4, row.Tokens.Count(encoder.Tokenizer.IsSpecial));
        var text = System.Text.Encoding.UTF8.GetString([.. row.Tokens.SelectMany(id => encoder.Tokenizer.BytesOf(id).ToArray())]);
        Assert.Equal($"<|user|>{words}<|end|><|assistant|><think></think>{words}<|end|>", text);
    }

    [Fact]
    public void TemplateThatBeginsAnAnswerOtherwiseThanItShowsIt_IsLearnedAsItIsAsked()
    {
        const string Opened =
            "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|><think>{% endif %}";
        var format = new JinjaFormat(Opened, Tokens());
        Assert.Equal("<|user|>q<|end|><|assistant|><think>b<|end|>", Text(format.Whole([new("user", "q"), new("assistant", "b")])));
    }

    [Fact]
    public void PromptAndAnswer_AreEncodedInOne()
    {
        // "]" and " re" are joined by a tokenizer that was taught so; apart they would be two tokens.
        TinyModel.Write(_folder.Path);
        File.WriteAllText(
            _folder.File("chat_template.jinja"),
            "{% for m in messages %}{% if m.role == 'user' %}the {{ m.content }}{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}"
        );
        var encoder = ConversationEncoder.Of(_folder.Path, PromptTemplate.Chat, 64);
        var row = encoder.Encode(new("1", [new("user", "ca"), new("assistant", "rd was lost")]));
        Assert.Equal(encoder.Tokenizer.EncodeTemplate("the card was lost<|end|>"), row.Tokens);
    }

    [Fact]
    public void TwoHundredTurns_AreRendered()
    {
        List<ChatMessage> messages =
        [
            .. Enumerable
                .Range(0, 200)
                .SelectMany(turn =>
                    new ChatMessage[]
                    {
                        new("user", $"question {turn} " + new string('q', 200)),
                        new("assistant", $"<think>{turn}</think>answer {turn} " + new string('a', 200)),
                    }
                ),
        ];
        Assert.Contains("answer 199", Text(new JinjaFormat(Thinking, Tokens()).Whole(messages)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% if tools is defined and tools is not none %}T{% endif %}{{ messages[0].content }}", "x")]
    [InlineData("{% if not tools is none %}T{% endif %}{{ messages[0].content }}", "x")]
    [InlineData("{{ messages[0]['content'].lstrip('\\n') }}", " x\n")]
    [InlineData("{{ messages[0]['content'].rstrip('\\n') }}", "\n x")]
    [InlineData("{{ messages[0]['content'].strip('\n') }}", "x")]
    [InlineData("{% set d = {1: 'a'} %}{{ d[1] }}{{ messages[0].content }}", "ax")]
    [InlineData("{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join }}", "x")]
    public void WhatTemplatesUse_IsRendered(string template, string text)
    {
        var words = text.Contains('\n', StringComparison.Ordinal) ? "\n x\n" : "x";
        Assert.Equal(
            text,
            Text(
                new JinjaFormat(template + "{{ '' if messages|length < 2 else messages[1].content }}", Tokens()).Prompt([
                    new("user", words),
                ])
            )
        );
    }

    [Fact]
    public void WordsThatATemplateLooksFor_AreSeenWhateverTheyAre()
    {
        var format = new JinjaFormat("{% for m in messages %}{{ m.content.split('[[note]]')[0] }}|{% endfor %}", Tokens());
        Assert.Equal("a|", Text(format.Prompt([new("user", "a[[note]]b")])));
    }

    [Fact]
    public void TemplateAmongSeveral_TheDefaultOneIsTaken()
    {
        File.WriteAllText(
            _folder.File("tokenizer_config.json"),
            JsonSerializer.Serialize(
                new
                {
                    bos_token = "<s>",
                    eos_token = new { content = "</s>" },
                    chat_template = new[] { new { name = "tool_use", template = "no" }, new { name = "default", template = Alternating } },
                }
            )
        );
        var format = ChatFormats.Of(_folder.Path, PromptTemplate.Chat, Tokenizer());
        Assert.True(format.WritesBegin);
        Assert.Equal(" b</s>", Text(format.Answer("b")));
    }

    [Fact]
    public void ConversationThatTheTemplateRefuses_IsRefusedInItsWords()
    {
        var error = Assert.Throws<DataException>(() =>
            new JinjaFormat(Alternating, Tokens()).Prompt([new("system", "x"), new("user", "y")])
        );
        Assert.Contains("Roles must alternate.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% for i in range(1000000000) %}{% for j in range(1000000000) %}x{% endfor %}{% endfor %}{{ messages[0].content }}")]
    [InlineData(
        "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}{{ messages[0].content }}"
    )]
    [InlineData("{{ messages.constructor.constructor('return globalThis')() }}")]
    [InlineData("{{ ''.__class__.__mro__[1].__subclasses__() }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}{{ messages[0].content }}")]
    [InlineData("{{ messages[0]")]
    [InlineData("says nothing of what it is given")]
    public void HostileOrBrokenTemplate_IsRefusedSoonAndInBoundedMemory(string template)
    {
        File.WriteAllText(_folder.File("chat_template.jinja"), template);
        var tokenizer = Tokenizer();
        var (watch, before) = (Stopwatch.StartNew(), GC.GetTotalMemory(forceFullCollection: true));
        var error = Assert.Throws<ModelFileException>(() => ChatFormats.Of(_folder.Path, PromptTemplate.Chat, tokenizer));
        Assert.StartsWith("The model's chat template can't be used: ", error.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}.");
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 200 << 20);
    }

    [Fact]
    public void Pieces_AreEncodedAsIfTheyWereOneText()
    {
        TinyModel.Write(_folder.Path);
        var tokenizer = TextTokenizer.Load(_folder.Path);
        Assert.Equal(
            tokenizer.EncodeTemplate("<|user|>the card was lost<|end|>"),
            tokenizer.Encode([("<|user|>the ca", true), ("rd was", false), (" lost<|end|>", true)])
        );
    }

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, string> Tokens() => new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };

    private TextTokenizer Tokenizer() => TextTokenizer.Load(TinyModel.Write(_folder.File("tokens")));

    private static string Text(IEnumerable<TextPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));
}
