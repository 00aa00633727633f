using System.Text.Json.Nodes;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>An answer ends where the model's own turn ends, which need not be the tokenizer's end.</summary>
public sealed class EndOfTurnTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EndOfTurnTests() => TinyModel.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TokenBehindAnAnswerInTheTemplate_IsAnEnd()
    {
        Add("<turn_end>", special: true);
        File.WriteAllText(
            _folder.File("chat_template.jinja"),
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}<turn_end>\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
        );
        var encoder = Encoder();
        var end = encoder.Tokenizer.EncodeTemplate("<turn_end>")[0];
        Assert.NotEqual(encoder.Tokenizer.EndId, end);
        Assert.Contains(end, encoder.EndIds);
        Assert.Contains(encoder.Tokenizer.EndId!.Value, encoder.EndIds);
        Assert.False(encoder.AppendsEnd);
        Assert.Equal([.. encoder.Tokenizer.Encode("refund"), end, .. encoder.Tokenizer.Encode("\n")], encoder.EncodeAnswer("refund"));
    }

    [Fact]
    public void OrdinaryAddedTokenBehindAnAnswer_IsAnEndToo()
    {
        Add("<turn_end>", special: false);
        File.WriteAllText(
            _folder.File("chat_template.jinja"),
            "{% for m in messages %}<{{ m.role }}>{{ m.content }} <turn_end>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
        );
        Assert.Contains(Encoder().Tokenizer.Encode("<turn_end>")[0], Encoder().EndIds);
    }

    [Theory]
    [InlineData("generation_config.json", "{\"eos_token_id\":[7,9]}", 7, 9)]
    [InlineData("generation_config.json", "{\"eos_token_id\":11}", 11)]
    [InlineData("config.json", "{\"eos_token_id\":[5]}", 5)]
    [InlineData("config.json", "{\"eos_token_id\":null,\"text_config\":{\"model_type\":\"llama\",\"eos_token_id\":6}}", 6)]
    public void IdsOfTheModelsFiles_AreEnds(string file, string text, params int[] ids)
    {
        File.WriteAllText(_folder.File(file), text);
        Assert.All(ids, id => Assert.Contains(id, EndTokens.Of(_folder.Path)));
        Assert.All(ids, id => Assert.Contains(id, Encoder().EndIds));
    }

    [Fact]
    public void FilesThatNameNoEnd_AddNone() => Assert.Equal([Encoder().Tokenizer.EndId!.Value], Encoder().EndIds);

    [Fact]
    public void TemplateThatEndsAnswersWithNothing_GetsTheTokenizersEnd()
    {
        File.WriteAllText(
            _folder.File("chat_template.jinja"),
            "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
        );
        var encoder = Encoder();
        Assert.True(encoder.AppendsEnd);
        Assert.Equal(encoder.Tokenizer.EndId, encoder.EncodeAnswer("refund")[^1]);
    }

    [Fact]
    public void ModelWithoutTemplateAndWithoutTokensForMarks_GetsHeadingsAndItsEnd()
    {
        RemoveTemplate();
        Rename("<|assistant|>", "<|unused|>");
        var encoder = Encoder();
        var row = encoder.Encode(new("1", [new("user", "lost"), new("assistant", "refund")]));
        Assert.Equal("### User:\nlost\n\n### Assistant:\nrefund", encoder.Tokenizer.Decode(row.Tokens));
        Assert.Equal([.. encoder.Tokenizer.Encode("refund"), encoder.Tokenizer.EndId!.Value], row.Tokens[row.AnswerStart..]);
    }

    [Fact]
    public void ModelWithoutTemplateButWithTokensForMarks_KeepsThem()
    {
        RemoveTemplate();
        var encoder = Encoder();
        Assert.False(encoder.AppendsEnd);
        Assert.Equal(encoder.Tokenizer.EncodeTemplate("<|user|>lost<|assistant|>"), encoder.EncodePrompt([new("user", "lost")]));
    }

    private ConversationEncoder Encoder() => ConversationEncoder.Of(_folder.Path, PromptTemplate.Chat, 64);

    private void Add(string token, bool special) =>
        Change(tokens =>
            tokens.Add(
                new JsonObject
                {
                    ["id"] = tokens.Max(entry => entry!["id"]!.GetValue<int>()) + 1,
                    ["content"] = token,
                    ["special"] = special,
                    ["normalized"] = false,
                }
            )
        );

    private void RemoveTemplate()
    {
        var root = JsonNode.Parse(File.ReadAllText(_folder.File("tokenizer_config.json")))!.AsObject();
        root.Remove("chat_template");
        File.WriteAllText(_folder.File("tokenizer_config.json"), root.ToJsonString());
    }

    private void Rename(string token, string name) =>
        Change(tokens => tokens.Single(entry => entry!["content"]!.GetValue<string>() == token)!["content"] = name);

    private void Change(Action<JsonArray> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(_folder.File("tokenizer.json")))!;
        change(root["added_tokens"]!.AsArray());
        File.WriteAllText(_folder.File("tokenizer.json"), root.ToJsonString());
    }
}
