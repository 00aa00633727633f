using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Export;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>The shipped base and an adapter of it, as llama.cpp reads and answers them.</summary>
[Trait("Category", "Slow")]
public sealed class GgufExportTests : IDisposable
{
    private const int Answer = 32;
    private const double Tolerance = 1e-2;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ShippedBase_InLlamaCpp_ReadsAnswersAndScoresAsHere()
    {
        var folder = ShippedFolder.Find();
        var model = ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);
        AssertSame(folder, adapter: null, model, tensors: 74);
    }

    /// <summary>Of all linear maps, and of embedding and head too, which part by it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TunedModel_InLlamaCpp_ReadsAnswersAndScoresAsHere(bool everything)
    {
        var folder = ShippedFolder.Find();
        var model = ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);
        using var adapter = GgufPrompts.Adapter(model, everything ? MethodSpec.Everything : MethodSpec.AllLinear);
        PeftFolder.Save(_folder.File("adapter"), adapter, "base");
        adapter.Attach(model);
        AssertSame(folder, _folder.File("adapter"), model, everything ? 75 : 74);
    }

    private void AssertSame(string folder, string? adapter, CausalLM model, int tensors)
    {
        var report = GgufExport.Write(_folder.File("out"), folder, adapter, GgufWeights.F32, TestContext.Current.CancellationToken);
        Assert.Equal(0, report.RelativeError);
        Assert.Equal(tensors, report.Tensors); // 9 in each of 8 layers, the embedding, the last norm, perhaps a head
        var encoder = ConversationEncoder.Of(folder, PromptTemplate.Chat, model.Config.ContextTokens);
        using var theirs = new LlamaCpp(Path.Combine(_folder.File("out"), GgufExport.FileName));
        Assert.Equal(encoder.Tokenizer.BeginId is not null, theirs.AddsBegin);
        Assert.NotNull(theirs.Template);
        Assert.All(encoder.EndIds, id => Assert.True(theirs.Ends(id)));
        var worst = 0.0;
        foreach (var text in GgufPrompts.Texts)
        {
            var prompt = encoder.EncodePrompt([new ChatMessage("user", text)]);
            Assert.Equal(prompt, theirs.Tokens($"<|user|>{text}<|assistant|>", control: true));
            Assert.Equal(encoder.Tokenizer.Encode(text), theirs.Tokens(text, control: false));
            worst = Math.Max(worst, GgufPrompts.Difference(model, theirs, prompt));
            Assert.Equal(Ours(model, prompt, encoder.EndIds), theirs.Greedy(prompt, Answer, encoder.EndIds));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"greatest difference of log-probabilities: {worst:g3}");
        Assert.True(worst < Tolerance, $"{worst}");
    }

    /// <summary>The bounds are twice what was measured, which docs/models.md has.</summary>
    [Theory]
    [InlineData(GgufWeights.F32, 0, 1e-9)]
    [InlineData(GgufWeights.F16, 1e-8, 1e-6)]
    [InlineData(GgufWeights.Bf16, 0, 1e-5)]
    [InlineData(GgufWeights.Q8, 0.01, 3e-4)]
    [InlineData(GgufWeights.Q4, 0.12, 0.02)]
    public void Rounded_InLlamaCpp_IsNearAsFarAsItsFormatGoes(GgufWeights weights, double error, double divergence)
    {
        var folder = ShippedFolder.Find();
        var report = GgufExport.Write(_folder.File("out"), folder, null, weights, TestContext.Current.CancellationToken);
        Assert.InRange(report.RelativeError, 0, error);
        var model = ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);
        var encoder = ConversationEncoder.Of(folder, PromptTemplate.Chat, model.Config.ContextTokens);
        using var theirs = new LlamaCpp(Path.Combine(_folder.File("out"), GgufExport.FileName));
        var prompts = GgufPrompts.Texts.Select(text => encoder.EncodePrompt([new ChatMessage("user", text)])).ToList();
        var mean = prompts.Average(prompt => GgufPrompts.Divergence(model, theirs, prompt));
        var equal = prompts.Count(prompt =>
            Ours(model, prompt, encoder.EndIds).SequenceEqual(theirs.Greedy(prompt, Answer, encoder.EndIds))
        );
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{weights}: {report.Bytes} bytes, error {report.RelativeError:g3}, mean divergence {mean:g3}, {equal} of 20 answers equal"
        );
        Assert.InRange(mean, 0, divergence);
    }

    [Fact]
    public void Modelfile_NamesTheFileAndWhatEndsAnswers()
    {
        GgufExport.Write(_folder.File("out"), ShippedFolder.Find(), null, GgufWeights.Q8, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["FROM ./model.gguf", "PARAMETER stop \"<|end|>\""],
            File.ReadAllLines(Path.Combine(_folder.File("out"), "Modelfile"))
        );
    }

    private static List<int> Ours(CausalLM model, List<int> prompt, HashSet<int> ends) =>
        GreedyGenerator.Generate(model, [prompt], Answer, ends, TestContext.Current.CancellationToken)[0];
}
