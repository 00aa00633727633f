using System.Text.Json.Nodes;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Export;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>What is handed out is read again before, and gives the prompts, ends and answers of what was trained.</summary>
public sealed class TunedFolderTests : IDisposable
{
    private const string Weights = "model.safetensors",
        Template = "chat_template.jinja";

    /// <summary>A new model finds all tokens about equally likely; this one has its mind made up.</summary>
    private const double Sharper = 30;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Folder_AsWritten_AnswersAsTheModelDoes(bool hasTemplate)
    {
        var (probe, written) = Write(hasTemplate);
        probe.Require(written, CPU, Ct);
        Assert.True(File.Exists(Path.Combine(written, Template)));
    }

    [Fact]
    public void Folder_WithOtherWeights_IsRefusedByTheFirstTokenThatDiffers()
    {
        var (probe, written) = Write(hasTemplate: true);
        var path = Path.Combine(written, Weights);
        var tensors = Safetensors.Read(path, Ct).ToDictionary();
        tensors["model.norm.weight"] = tensors["model.norm.weight"].neg();
        Safetensors.Write(path, tensors);
        var refused = Assert.Throws<ModelFileException>(() => probe.Require(written, CPU, Ct));
        Assert.Matches(
            @"token \d of its answer to “.+” has a log-probability of -?\d+\.\d\d, not -?\d+\.\d\d\. It is not handed out\.$",
            refused.Message
        );
    }

    [Fact]
    public void Folder_WithAnotherTemplate_IsRefused()
    {
        var (probe, written) = Write(hasTemplate: true);
        File.WriteAllText(
            Path.Combine(written, Template),
            "{{ messages[0].content }}{% if messages|length > 1 %}{{ messages[1].content }}{% endif %}"
        );
        var refused = Assert.Throws<ModelFileException>(() => probe.Require(written, CPU, Ct));
        Assert.Contains("the prompt of “What can you do for me?” is made of other tokens", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_WithAnotherEnd_IsRefused()
    {
        var (probe, written) = Write(hasTemplate: true);
        File.WriteAllText(Path.Combine(written, "generation_config.json"), """{"eos_token_id": [11]}""");
        var refused = Assert.Throws<ModelFileException>(() => probe.Require(written, CPU, Ct));
        Assert.Contains("its answers end at the tokens", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A program that has the folder alone makes the prompts that the model was tuned by.</summary>
    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "<s>")]
    [InlineData(false, "")]
    [InlineData(false, "<s>")]
    public void MadeTemplate_RendersWhatThePatternsDo(bool marks, string begin)
    {
        var patterns = new PatternFormat(marks ? PromptTemplate.Chat : PromptTemplate.Headings);
        var tokens = new Dictionary<string, string> { ["bos_token"] = begin };
        var template = new JinjaFormat(patterns.ToJinja(begins: begin.Length > 0), tokens);
        List<ChatMessage> conversation =
        [
            new("system", "It's \"brief\"; \\n stays."),
            new("user", "### User:\n{{ messages }} 'quoted' "),
            new("assistant", " yes\n"),
            new("user", "{content}"),
            new("assistant", "no"),
        ];
        for (var count = 2; count <= conversation.Count; count++)
        {
            var messages = conversation.Take(count).ToList();
            Assert.Equal(begin + TextOf(patterns.Prompt(messages)), TextOf(template.Prompt(messages)));
        }

        Assert.Equal(begin + TextOf(patterns.Whole(conversation)), TextOf(template.Whole(conversation)));
        Assert.Equal(TextOf(patterns.Answer("so")), TextOf(template.Answer("so")));
        Assert.Equal(begin.Length > 0, template.WritesBegin);
    }

    private static string TextOf(IEnumerable<TextPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));

    private (AnswerProbe Probe, string Written) Write(bool hasTemplate)
    {
        var folder = TinyModel.Write(_folder.File("base"));
        if (!hasTemplate)
        {
            var path = Path.Combine(folder, "tokenizer_config.json");
            var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            config.Remove("chat_template");
            File.WriteAllText(path, config.ToJsonString());
        }

        var model = ModelStore.LoadLanguageModel(folder, ScalarType.Float32, ScalarType.Float32, CPU, cancellationToken: Ct);
        using (no_grad())
        {
            model.Weights.Tensors["model.embed_tokens.weight"].mul_(Sharper);
        }

        var encoder = ConversationEncoder.Of(folder, PromptTemplate.Chat, model.Config.ContextTokens);
        var written = _folder.File("written");
        TunedFolder.Write(written, folder, model.Weights.Tensors, encoder);
        return (AnswerProbe.Of(model, encoder, Ct), written);
    }
}
