using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class ModelFamilyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama_gqa_untied", "rope_interleaved", "true", "rope_interleaved")]
    [InlineData("llama_gqa_untied", "auto_map", "{\"AutoModel\":\"evil.py\"}", "auto_map")]
    [InlineData("llama_gqa_untied", "hidden_act", "\"mish\"", "mish")]
    [InlineData("llama_gqa_untied", "rope_scaling", "{\"rope_type\":\"spiral\",\"factor\":2}", "spiral")]
    [InlineData("llama_gqa_untied", "rope_scaling", "{\"rope_type\":\"linear\"}", "factor")]
    [InlineData("llama_gqa_untied", "rope_scaling", "{\"rope_type\":\"linear\",\"factor\":0}", "factor")]
    [InlineData(
        "phi3_longrope_partial75",
        "rope_scaling",
        "{\"type\":\"longrope\",\"short_factor\":[1,2],\"long_factor\":[1,2]}",
        "2 factors for 6 pairs"
    )]
    [InlineData("gemma2_tied", "attn_logit_softcapping", "-1", "cap")]
    [InlineData("gemma3_text", "layer_types", "[\"full_attention\"]", "layer_types")]
    [InlineData("gemma3_text", "layer_types", "[\"full_attention\",\"chunked_attention\",\"full_attention\"]", "chunked_attention")]
    [InlineData("smollm3", "no_rope_layers", "[1]", "no_rope_layers")]
    [InlineData("mixtral", "num_experts_per_tok", "5", "experts a token takes")]
    [InlineData("qwen3_moe", "decoder_sparse_step", "0", "layers to one with experts")]
    [InlineData("gpt_oss", "quantization_config", "{\"quant_method\":\"mxfp4\"}", "mxfp4")]
    [InlineData("granite", "logits_scaling", "0", "scores")]
    [InlineData("llama_gqa_untied", "num_hidden_layers", "1000000000", "layers")]
    [InlineData("mistral_sliding8", "sliding_window", "-8", "window")]
    [InlineData("qwen3_tied", "layer_types", "[\"sliding_attention\",\"full_attention\"]", "layer_types")]
    [InlineData("gpt2", "scale_attn_by_inverse_layer_idx", "true", "scale_attn_by_inverse_layer_idx")]
    [InlineData("gpt2", "n_embd", "-64", "width")]
    [InlineData("gpt_neox_parallel", "rotary_pct", "3.5", "turned")]
    [InlineData("bert", "position_embedding_type", "\"relative_key\"", "relative_key")]
    [InlineData("t5_relu_tied", "relative_attention_num_buckets", "1000000000", "relative")]
    [InlineData("t5_relu_tied", "model_type", "\"mamba\"", "mamba")]
    public void Read_WhatIsNotKnown_IsRefusedByName(string name, string key, string value, string named)
    {
        var config = JsonNode.Parse(File.ReadAllText(SharedFiles.Find("gold", "models", name, "config.json")))!.AsObject();
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        Assert.Contains(named, Assert.Throws<ModelFileException>(() => ModelConfig.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Somebody's word is for the keys that it names, and not for code or packed weights.</summary>
    [Fact]
    public void Read_KeyThatIsNotKnown_WasConfirmedByName_IsTaken()
    {
        var config = JsonNode.Parse(File.ReadAllText(SharedFiles.Find("gold", "models", "llama_gqa_untied", "config.json")))!.AsObject();
        (config["some_note"], config["another_note"]) = ("x", 3);
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        var refusal = Assert.Throws<ModelFileException>(() => ModelConfig.Read(_folder.Path)).Message;
        Assert.Equal(["some_note", "another_note"], ConfirmedKeys.FindIn(refusal));
        ConfirmedKeys.Write(_folder.Path, ["some_note"]);
        Assert.Equal(
            ["another_note"],
            ConfirmedKeys.FindIn(Assert.Throws<ModelFileException>(() => ModelConfig.Read(_folder.Path)).Message)
        );
        ConfirmedKeys.Write(_folder.Path, ["some_note", "another_note", "auto_map", "quantization_config"]);
        Assert.Equal("llama", ModelConfig.Read(_folder.Path).Type);
        config["auto_map"] = new JsonObject { ["AutoModelForCausalLM"] = "modeling.Other" };
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        Assert.Contains(
            "auto_map",
            Assert.Throws<ModelFileException>(() => ModelConfig.Read(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("qwen2_tied", "use_mrope", "false")]
    [InlineData("llama_gqa_untied", "rope_interleaved", "false")]
    [InlineData("llama_gqa_untied", "is_llama_config", "true")]
    [InlineData("llama_gqa_untied", "some_new_penalty", "0.0")]
    [InlineData("llama_gqa_untied", "some_new_layers", "[]")]
    [InlineData("llama_gqa_untied", "_num_labels", "2")]
    [InlineData("llama_gqa_untied", "unsloth_fixed", "true")]
    [InlineData("llama_gqa_untied", "transformers.js_config", "{\"dtype\":\"q4\"}")]
    [InlineData("llama_gqa_untied", "tokenizer_class", "\"LlamaTokenizer\"")]
    [InlineData("gpt_neox_parallel", "partial_rotary_factor", "0.25")]
    [InlineData("bert", "add_cross_attention", "false")]
    [InlineData(
        "phi3_sliding8",
        "auto_map",
        "{\"AutoConfig\":\"configuration_phi3.Phi3Config\",\"AutoModelForCausalLM\":\"modeling_phi3.Phi3ForCausalLM\"}"
    )]
    public void Read_KeyThatChangesNothing_IsFine(string name, string key, string value)
    {
        var config = JsonNode.Parse(File.ReadAllText(SharedFiles.Find("gold", "models", name, "config.json")))!.AsObject();
        var before = ModelConfig.Read(SharedFiles.Find("gold", "models", name));
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        Assert.Equal(
            before with
            {
                WindowedLayers = null,
                TurningLayers = null,
            },
            ModelConfig.Read(_folder.Path) with
            {
                WindowedLayers = null,
                TurningLayers = null,
            }
        );
    }

    [Fact]
    public void Read_SeveralKeysNotKnown_NamesAll()
    {
        var config = JsonNode.Parse(File.ReadAllText(SharedFiles.Find("gold", "models", "llama_gqa_untied", "config.json")))!.AsObject();
        (config["mamba_chunk"], config["alibi"]) = (256, true);
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        var message = Assert.Throws<ModelFileException>(() => ModelConfig.Read(_folder.Path)).Message;
        Assert.Contains("'mamba_chunk', 'alibi'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextPartOfAModelOfImages_Saved_IsTheSameModelOfText()
    {
        var source = SharedFiles.Find("gold", "models", "llava_clip_llama");
        var model = ModelStore.Load(source, ScalarType.Float32, ScalarType.Float32, CPU);
        Assert.True(model.Config.IsTextPart);
        ModelStore.SaveTuned(_folder.Path, source, model.Parameters, ScalarType.Float32);
        var saved = ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU);
        Assert.False(saved.Config.IsTextPart);
        Assert.Equal("llama", saved.Config.Type);
        Assert.All(model.Parameters, pair => Assert.True(pair.Value.Equals(saved.Parameters[pair.Key])));
    }

    [Fact]
    public void Read_TextPartThatLeavesOutWhatItsClassHas_TakesTheClasssValues()
    {
        // As the hub has Gemma 3 4B.
        File.WriteAllText(
            _folder.File("config.json"),
            """
            {"architectures":["Gemma3ForConditionalGeneration"],"model_type":"gemma3","vision_config":{"model_type":"siglip_vision_model"},"mm_tokens_per_image":256,
             "text_config":{"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34,"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024}}
            """
        );
        var config = ModelConfig.Read(_folder.Path);
        Assert.Equal((262_208, 8, 4, 256), (config.VocabularySize, config.Heads, config.KeyValueHeads, config.HeadSize));
        Assert.Equal(new LinearScaling(8), config.Rotary!.Scaling);
        Assert.Equal(
            (5, 29),
            (
                Enumerable.Range(0, 34).First(layer => !config.IsWindowed(layer)),
                Enumerable.Range(0, 34).Last(layer => !config.IsWindowed(layer))
            )
        );
    }

    [Fact]
    public void Load_WeightsInSeveralFiles_AreTheSameModel()
    {
        var source = SharedFiles.Find("gold", "models", "llama_gqa_untied");
        File.Copy(Path.Combine(source, "config.json"), _folder.File("config.json"));
        var weights = Safetensors.Read(Path.Combine(source, "model.safetensors"));
        var map = new JsonObject();
        foreach (
            var (half, number) in weights
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Chunk(weights.Count / 2)
                .Select((half, index) => (half, index + 1))
        )
        {
            var file = $"model-{number:D5}.safetensors";
            Safetensors.Write(_folder.File(file), half.ToDictionary());
            foreach (var (name, _) in half)
            {
                map[name] = file;
            }
        }

        File.WriteAllText(_folder.File("model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        var whole = ModelStore.Load(source, ScalarType.Float32, ScalarType.Float32, CPU);
        var sharded = ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU);
        Assert.All(whole.Parameters, pair => Assert.True(pair.Value.Equals(sharded.Parameters[pair.Key])));
    }

    [Theory]
    [InlineData("../../etc/passwd.safetensors")]
    [InlineData("/etc/hosts.safetensors")]
    [InlineData("weights.bin")]
    [InlineData("absent.safetensors")]
    public void Load_IndexThatLeadsElsewhere_IsRefused(string file)
    {
        File.Copy(SharedFiles.Find("gold", "models", "gpt2", "config.json"), _folder.File("config.json"));
        File.WriteAllText(
            _folder.File("model.safetensors.index.json"),
            $$$"""{"weight_map":{"transformer.wte.weight":{{{JsonSerializer.Serialize(file)}}}}}"""
        );
        Assert.Throws<ModelFileException>(() => ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU));
    }

    [Fact]
    public void Load_ThenChangeAWeight_LeavesTheFileAsItWas()
    {
        TinyModel.Write(_folder.Path);
        var before = File.ReadAllBytes(_folder.File("model.safetensors"));
        using var _ = no_grad();
        ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU).EmbeddingTable.fill_(7);
        Assert.Equal(before, File.ReadAllBytes(_folder.File("model.safetensors")));
    }

    [Fact]
    public void Load_EncoderAsDecoder_IsRefusedByName()
    {
        var folder = SharedFiles.Find("gold", "models", "bert");
        Assert.Contains(
            "bert",
            Assert.Throws<ModelFileException>(() => ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("llama_gqa_untied")]
    [InlineData("mistral_sliding8")]
    [InlineData("gpt2")]
    [InlineData("gpt_neox_parallel")]
    [InlineData("gemma2_tied")]
    [InlineData("gemma3_text")]
    [InlineData("smollm3")]
    [InlineData("gpt_oss")]
    [InlineData("qwen3_moe")]
    public void Packing_ExamplesInOneRow_SeeNothingOfEachOther(string name)
    {
        var model = ModelStore.Load(SharedFiles.Find("gold", "models", name), ScalarType.Float32, ScalarType.Float32, CPU);
        using var _ = no_grad();
        long[] first = [5, 9, 60, 3, 3, 7, 2, 11, 4, 90, 17],
            second = [8, 8, 1, 100, 31, 77, 2, 6, 14, 110, 13, 12, 40];
        var packing = new Packing(
            [.. Enumerable.Range(0, first.Length).Concat(Enumerable.Range(0, second.Length)).Select(at => (long)at)],
            [.. Enumerable.Repeat(0, first.Length), .. Enumerable.Repeat(first.Length, second.Length)]
        );
        var together = model.Forward(tensor(first.Concat(second).ToArray(), [1, first.Length + second.Length]), packing);
        var apart = cat([model.Forward(tensor(first, [1, first.Length])), model.Forward(tensor(second, [1, second.Length]))], 1);
        Assert.True(together.allclose(apart, 1e-4, 1e-4));
    }
}
