using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Export;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>What llama.cpp would read or compute otherwise is not written, and said by name.</summary>
public sealed class GgufRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        """{"model_type":"mixtral","num_local_experts":4,"num_experts_per_tok":2}""",
        "'mixtral' models are not written as GGUF here"
    )]
    [InlineData("""{"hidden_act":"gelu"}""", "silu only")]
    [InlineData("""{"mlp_bias":true}""", "mlp_bias")]
    [InlineData("""{"model_type":"qwen3","attention_bias":true}""", "its map behind attention has an offset")]
    [InlineData("""{"model_type":"phi3","head_dim":32}""", "2 heads of 32 are not 32 wide")]
    [InlineData("""{"model_type":"gemma2","query_pre_attn_scalar":144,"head_dim":16}""", "query_pre_attn_scalar")]
    [InlineData("""{"model_type":"smollm3","no_rope_layers":[1,0]}""", "no_rope_layers")]
    [InlineData("""{"rope_scaling":{"rope_type":"yarn","factor":2,"original_max_position_embeddings":32}}""", "position scaling")]
    public void Model_ThatLlamaCppComputesOtherwise_IsRefusedByName(string changes, string sentence)
    {
        var folder = TinyModel.Write(_folder.File("base"));
        Change(Path.Combine(folder, "config.json"), root => Merge(root, changes));
        var exception = Assert.Throws<ModelFileException>(() => Write(folder));
        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pre_tokenizer":{"type":"Whitespace"}}""", "cuts texts by Whitespace, for which llama.cpp has no name")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}}""", "puts a space before each text")]
    [InlineData("""{"normalizer":{"type":"Lowercase"}}""", "changes texts before it cuts them (Lowercase)")]
    [InlineData("""{"model":{"ignore_merges":true}}""", "ignore_merges")]
    [InlineData("""{"model":{"end_of_word_suffix":"</w>"}}""", "marks the ends of words")]
    [InlineData("""{"decoder":{"type":"Metaspace","replacement":"▁"}}""", "that are not written in bytes (byte_fallback)")]
    public void Tokenizer_ThatLlamaCppReadsOtherwise_IsRefusedByName(string changes, string sentence)
    {
        var folder = TinyModel.Write(_folder.File("base"));
        Change(Path.Combine(folder, "tokenizer.json"), root => Merge(root, changes));
        Change(Path.Combine(folder, "tokenizer_config.json"), root => root.Remove("add_prefix_space"));
        var exception = Assert.Throws<ModelFileException>(() => Write(folder));
        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weight_BeyondTheFormat_IsRefused_AndNoFileStays()
    {
        var folder = TinyModel.Write(_folder.File("base"));
        var path = Path.Combine(folder, "model.safetensors");
        var weights = Safetensors.Read(path);
        weights["model.layers.0.mlp.up_proj.weight"][0, 0] = 70_000f;
        Safetensors.Write(path, weights);
        var exception = Assert.Throws<ModelFileException>(() => Write(folder, GgufWeights.F16));
        Assert.Contains(
            "'blk.0.ffn_up.weight' holds 70000, which F16 can't write; choose BF16 or F32",
            exception.Message,
            StringComparison.Ordinal
        );
        Assert.False(File.Exists(Path.Combine(_folder.File("out"), GgufExport.FileName)));
        Write(folder, GgufWeights.Bf16);
    }

    private GgufReport Write(string folder, GgufWeights weights = GgufWeights.F32) =>
        GgufExport.Write(_folder.File("out"), folder, null, weights, TestContext.Current.CancellationToken);

    private static void Change(string path, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    private static void Merge(JsonObject root, string changes)
    {
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
        {
            if (key == "model" && value is JsonObject inner)
            {
                Merge(root["model"]!.AsObject(), inner.ToJsonString());
                continue;
            }

            root[key] = value?.DeepClone();
        }
    }
}
