using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Encoder folders as they are found: other prefixes, old names, more keys and weights than are needed, several files.</summary>
public sealed class EncoderFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert", "bert.", true)]
    [InlineData("bert_seqcls_4", "", false)]
    [InlineData("xlm_roberta", "roberta.", true)]
    [InlineData("roberta_seqcls_3", "", false)]
    [InlineData("mpnet", "mpnet.", true)]
    [InlineData("distilbert_seqcls_2", "", false)]
    [InlineData("modernbert_seqcls_cls", "", false)]
    public void LoadEncoder_WithAndWithoutThePrefixOfItsModel_IsTheSame(string name, string prefix, bool adds)
    {
        Write(
            name,
            weights =>
                weights
                    .Where(pair => pair.Key.Split('.')[0] is not ("classifier" or "pre_classifier" or "head"))
                    .ToDictionary(
                        pair => adds ? prefix + pair.Key : pair.Key[(pair.Key.IndexOf('.', StringComparison.Ordinal) + 1)..],
                        pair => pair.Value
                    )
        );
        AssertSame(name);
    }

    [Fact]
    public void LoadEncoder_OldNamesOfNorms_AndWeightsOfOtherHeads_IsTheSame()
    {
        Write(
            "bert",
            weights =>
                weights
                    .ToDictionary(
                        pair =>
                            pair.Key.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                                .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal),
                        pair => pair.Value
                    )
                    .Append(new("embeddings.position_ids", arange(64).unsqueeze(0)))
                    .Append(new("cls.predictions.bias", zeros(256)))
                    .Append(new("cls.predictions.decoder.weight", zeros(256, 64)))
                    .ToDictionary()
        );
        AssertSame("bert");
    }

    [Fact]
    public void LoadEncoder_WithoutPooler_StatesAreTheSame_AndThePoolerIsRefused()
    {
        Write("bert", weights => weights.Where(pair => !pair.Key.StartsWith("pooler", StringComparison.Ordinal)).ToDictionary());
        AssertSame("bert");
        Assert.Throws<ModelFileException>(() => ModelStore.LoadEncoder(_folder.Path, ScalarType.Float32, CPU).Pooled(zeros(1, 2, 64)));
    }

    [Theory]
    [InlineData("bert", "add_cross_attention", "false")]
    [InlineData("bert", "is_decoder", "false")]
    [InlineData("bert", "tokenizer_class", "\"BertTokenizer\"")]
    [InlineData("bert", "gradient_checkpointing", "false")]
    [InlineData("xlm_roberta", "output_past", "true")]
    [InlineData(
        "modernbert_seqcls_cls",
        "layer_types",
        "[\"full_attention\",\"sliding_attention\",\"sliding_attention\",\"full_attention\"]"
    )]
    [InlineData("modernbert_seqcls_cls", "reference_compile", "true")]
    public void LoadEncoder_KeysThatChangeNothing_AreRead(string name, string key, string value)
    {
        Write(name, weights => weights, (key, value));
        AssertSame(name);
    }

    [Fact]
    public void LoadEncoder_ModernBertAsNewerFilesDescribeIt_IsTheSame()
    {
        Write(
            "modernbert_seqcls_cls",
            weights => weights,
            ("global_attn_every_n_layers", "null"),
            ("global_rope_theta", "null"),
            ("local_rope_theta", "null"),
            ("layer_types", "[\"full_attention\",\"sliding_attention\",\"sliding_attention\",\"full_attention\"]"),
            (
                "rope_parameters",
                "{\"full_attention\":{\"rope_type\":\"default\",\"rope_theta\":160000.0},\"sliding_attention\":{\"rope_type\":\"default\",\"rope_theta\":10000.0}}"
            )
        );
        AssertSame("modernbert_seqcls_cls");
    }

    [Theory]
    [InlineData("bert", "add_cross_attention", "true", "add_cross_attention")]
    [InlineData("bert", "is_decoder", "true", "is_decoder")]
    [InlineData("xlm_roberta", "pad_token_id", "100000", "padding token")]
    [InlineData(
        "modernbert_seqcls_cls",
        "layer_types",
        "[\"full_attention\",\"full_attention\",\"sliding_attention\",\"full_attention\"]",
        "layer_types"
    )]
    [InlineData("modernbert_seqcls_cls", "rope_parameters", "{\"full_attention\":{\"rope_type\":\"spiral\"}}", "spiral")]
    [InlineData("modernbert_seqcls_cls", "local_attention", "0", "window")]
    public void Read_WhatIsNotKnown_IsRefusedByName(string name, string key, string value, string named)
    {
        Write(name, weights => weights, (key, value));
        Assert.Contains(named, Assert.Throws<ModelFileException>(() => ModelConfig.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Electra_OfTheWidthOfItsEmbeddings_IsBertByAnotherName()
    {
        Write(
            "bert",
            weights =>
                weights
                    .Where(pair => !pair.Key.StartsWith("pooler", StringComparison.Ordinal))
                    .ToDictionary(pair => "electra." + pair.Key, pair => pair.Value),
            ("model_type", "\"electra\""),
            ("embedding_size", "64")
        );
        AssertSame("bert");
    }

    [Fact]
    public void Electra_NarrowEmbeddings_AreMappedToTheHiddenWidth()
    {
        var (map, bias) = (randn(64, 32) * 0.1, randn(64) * 0.1);
        Write(
            "bert",
            weights =>
                weights
                    .Where(pair => !pair.Key.StartsWith("pooler", StringComparison.Ordinal))
                    .ToDictionary(
                        pair => "electra." + pair.Key,
                        pair =>
                            pair.Key.StartsWith("embeddings", StringComparison.Ordinal)
                                ? pair.Value.narrow(-1, 0, 32).contiguous()
                                : pair.Value
                    )
                    .Append(new("electra.embeddings_project.weight", map))
                    .Append(new("electra.embeddings_project.bias", bias))
                    .ToDictionary(),
            ("model_type", "\"electra\""),
            ("embedding_size", "32")
        );
        using var _ = no_grad();
        var encoder = ModelStore.LoadEncoder(_folder.Path, ScalarType.Float32, CPU);
        var (weights, ids) = (encoder.Weights.Tensors, tensor(new long[] { 7, 9, 11 }, [1, 3]));
        var sum =
            weights["electra.embeddings.word_embeddings.weight"].index_select(0, ids.flatten())
            + weights["electra.embeddings.position_embeddings.weight"].narrow(0, 0, 3)
            + weights["electra.embeddings.token_type_embeddings.weight"][0];
        var normal = nn.functional.layer_norm(
            sum,
            [32],
            weights["electra.embeddings.LayerNorm.weight"],
            weights["electra.embeddings.LayerNorm.bias"],
            1e-12
        );
        Assert.True(encoder.States(ids, ones_like(ids)).First()[0].allclose(normal.matmul(map.t()) + bias, 1e-4, 1e-5));
    }

    private static string Gold(string name) => SharedFiles.Find("gold", "models", name);

    private void Write(
        string name,
        Func<Dictionary<string, Tensor>, Dictionary<string, Tensor>> change,
        params (string Key, string Value)[] keys
    )
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Gold(name), "config.json")))!.AsObject();
        foreach (var (key, value) in keys)
        {
            config[key] = JsonNode.Parse(value);
        }

        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        Safetensors.Write(_folder.File("model.safetensors"), change(Safetensors.Read(Path.Combine(Gold(name), "model.safetensors"))));
    }

    private void AssertSame(string name)
    {
        var expected = Safetensors.Read(Path.Combine(Gold(name), "expected.safetensors"));
        using var _ = no_grad();
        var hidden = ModelStore
            .LoadEncoder(_folder.Path, ScalarType.Float32, CPU)
            .Forward(expected["input_ids"], expected["attention_mask"], expected.GetValueOrDefault("token_type_ids"));
        var apart = (hidden - expected["last_hidden_state"]).abs() * expected["attention_mask"].unsqueeze(-1);
        Assert.InRange(apart.max().item<float>(), 0, 1e-4);
    }
}
