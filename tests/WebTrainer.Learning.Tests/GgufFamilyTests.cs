using System.Text.Json.Nodes;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Export;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>A small model of random weights of each family that is written as GGUF, held to llama.cpp's own scores and answers.</summary>
[Trait("Category", "Slow")]
public sealed class GgufFamilyTests : IDisposable
{
    private const int Answer = 32;
    private const double Tolerance = 1e-2;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What a family's <c>config.json</c> has beside the sizes.</summary>
    public static TheoryData<string, string> Families =>
        new()
        {
            { "llama", "{}" },
            { "llama", """{"attention_bias":true,"tie_word_embeddings":false}""" },
            { "llama", """{"head_dim":32,"rope_theta":500000}""" },
            {
                "llama",
                """{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":32}}"""
            },
            { "llama", """{"rope_scaling":{"rope_type":"linear","factor":4}}""" },
            { "mistral", """{"sliding_window":160,"tie_word_embeddings":false}""" },
            { "qwen2", """{"rope_theta":1000000}""" },
            { "qwen3", """{"head_dim":32,"rope_theta":1000000,"tie_word_embeddings":false}""" },
            {
                "granite",
                """{"embedding_multiplier":3,"attention_multiplier":0.2,"residual_multiplier":0.6,"logits_scaling":2,"attention_bias":false}"""
            },
            { "smollm3", """{"no_rope_layer_interval":4}""" },
            { "olmo2", """{"tie_word_embeddings":false,"rope_theta":500000}""" },
            { "olmo2", "{}" },
            { "phi3", """{"tie_word_embeddings":false}""" },
            { "gemma", """{"head_dim":32,"hidden_activation":"gelu_pytorch_tanh"}""" },
            { "gemma2", """{"head_dim":32,"query_pre_attn_scalar":32,"sliding_window":6}""" },
            { "gemma3_text", """{"head_dim":32,"query_pre_attn_scalar":32,"sliding_window":6,"num_hidden_layers":7}""" },
            {
                "gemma3_text",
                """{"query_pre_attn_scalar":16,"sliding_window":6,"num_hidden_layers":7,"rope_scaling":{"rope_type":"linear","factor":8}}"""
            },
            { "gpt2", "{}" },
        };

    [Theory]
    [MemberData(nameof(Families))]
    public void Family_InLlamaCpp_ScoresAndAnswersAsHere(string family, string more)
    {
        var folder = Make(family, more);
        GgufExport.Write(_folder.File("out"), folder, adapter: null, GgufWeights.F32, TestContext.Current.CancellationToken);
        var model = ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);
        AssertSame(model, folder);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void TunedFamily_InLlamaCpp_ScoresAndAnswersAsHere(string family, string more)
    {
        var folder = Make(family, more);
        var model = ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);
        using var adapter = GgufPrompts.Adapter(model, [MethodSpec.AllLinearName]);
        PeftFolder.Save(_folder.File("adapter"), adapter, "base");
        GgufExport.Write(_folder.File("out"), folder, _folder.File("adapter"), GgufWeights.F32, TestContext.Current.CancellationToken);
        adapter.Attach(model);
        AssertSame(model, folder);
    }

    private void AssertSame(CausalLM model, string folder)
    {
        var tokenizer = TextTokenizer.Load(folder);
        using var theirs = new LlamaCpp(Path.Combine(_folder.File("out"), GgufExport.FileName));
        var worst = 0.0;
        foreach (var text in GgufPrompts.Texts)
        {
            var prompt = tokenizer.Encode(text);
            worst = Math.Max(worst, GgufPrompts.Difference(model, theirs, prompt));
            var ours = GreedyGenerator.Generate(model, [prompt], Answer, new HashSet<int>(), TestContext.Current.CancellationToken)[0];
            AssertSame(model, prompt, ours, theirs.Greedy(prompt, Answer, new HashSet<int>()));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"greatest difference of log-probabilities: {worst:g3}");
        Assert.True(worst < Tolerance, $"{worst}");
    }

    /// <summary>
    /// llama.cpp takes gelu from a table of half precision, also where all weights are float32: in families that have it an answer may part
    /// from ours where two tokens are as good as equal.
    /// </summary>
    private static void AssertSame(CausalLM model, IReadOnlyList<int> prompt, List<int> ours, List<int> theirs)
    {
        var parts = ours.Zip(theirs).TakeWhile(pair => pair.First == pair.Second).Count();
        if (model.Config.Activation != ActivationKind.GeluTanh || parts == ours.Count)
        {
            Assert.Equal(ours, theirs);
            return;
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = tensor(prompt.Concat(ours.Take(parts)).Select(id => (long)id).ToArray()).unsqueeze(0);
        var scores = model.Logits(model.Forward(ids))[0, -1];
        Assert.InRange((scores[ours[parts]] - scores[theirs[parts]]).item<float>(), 0, Tolerance);
    }

    private string Make(string family, string more)
    {
        var folder = Directory.CreateDirectory(_folder.File("base")).FullName;
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
        {
            File.Copy(Path.Combine(ShippedFolder.Find(), name), Path.Combine(folder, name));
        }

        var config = family == "gpt2" ? Gpt2() : Llama(family);
        foreach (var (key, value) in JsonNode.Parse(more)!.AsObject())
        {
            config[key] = value?.DeepClone();
        }

        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        Safetensors.Write(Path.Combine(folder, "model.safetensors"), Weights(ModelConfig.Read(folder)));
        return folder;
    }

    /// <summary>Large enough that each part is seen in the scores, gains and offsets too.</summary>
    private static Dictionary<string, Tensor> Weights(ModelConfig config)
    {
        using var generator = new Generator(11);
        var gain = config.Norm == NormKind.RmsPlusOne ? 0 : 1;
        Tensor Draw(long[] shape) =>
            shape.Length == 1
                ? gain + (randn(shape, generator: generator) * 0.2)
                : randn(shape, generator: generator) * (1.5 / Math.Sqrt(shape[^1]));
        return ParameterShapes.Of(config).ToDictionary(parameter => parameter.Name, parameter => Draw(parameter.Shape));
    }

    private static JsonObject Llama(string family) =>
        new()
        {
            ["model_type"] = family,
            ["vocab_size"] = 8200, // some rows more than the tokenizer has tokens
            ["hidden_size"] = 64,
            ["intermediate_size"] = 96,
            ["num_hidden_layers"] = 5,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
            ["head_dim"] = 16,
            ["max_position_embeddings"] = 256,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000,
            ["tie_word_embeddings"] = true,
        };

    private static JsonObject Gpt2() =>
        new()
        {
            ["model_type"] = "gpt2",
            ["vocab_size"] = 8200,
            ["n_embd"] = 64,
            ["n_layer"] = 4,
            ["n_head"] = 4,
            ["n_positions"] = 256,
        };
}
