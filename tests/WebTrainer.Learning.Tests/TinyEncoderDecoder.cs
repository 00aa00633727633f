using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>A T5 with random weights, small enough for tests.</summary>
internal static class TinyEncoderDecoder
{
    /// <summary>The spec of <see cref="TinyModel"/> on a T5.</summary>
    public static TrainSpec Spec(TemporaryFolder folder)
    {
        var spec = TinyModel.Spec(folder);
        return spec with { BaseModel = Write(folder.File("t5")), Method = spec.Method with { Targets = [MethodSpec.AllLinearName] } };
    }

    /// <summary>Writes a Hugging Face folder.</summary>
    public static string Write(string folder)
    {
        TokenizerWriter.Write(TinyModel.Vocabulary(), folder, contextTokens: 64);
        LeaveOutTemplate(Path.Combine(folder, "tokenizer_config.json"));
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("T5ForConditionalGeneration"),
            ["model_type"] = "t5",
            ["vocab_size"] = TextTokenizer.Load(folder).Size,
            ["d_model"] = 64,
            ["d_kv"] = 16,
            ["d_ff"] = 128,
            ["num_heads"] = 4,
            ["num_layers"] = 2,
            ["num_decoder_layers"] = 1,
            ["n_positions"] = 64,
            ["relative_attention_num_buckets"] = 8,
            ["relative_attention_max_distance"] = 16,
            ["decoder_start_token_id"] = 0,
            ["feed_forward_proj"] = "gated-gelu",
            ["is_encoder_decoder"] = true,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), json.ToJsonString());
        using var scope = NewDisposeScope();
        var generator = new Generator(5);
        Safetensors.Write(
            Path.Combine(folder, "model.safetensors"),
            ParameterShapes
                .Of(ModelConfig.Read(folder))
                .ToDictionary(
                    weight => weight.Name,
                    weight =>
                        weight.Shape.Length == 1
                            ? ones(weight.Shape)
                            : randn(weight.Shape, generator: generator) * (weight.Name == "shared.weight" ? 1 : 0.1)
                )
        );
        return folder;
    }

    /// <summary>A T5 brings none.</summary>
    private static void LeaveOutTemplate(string path)
    {
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.True(config.Remove("chat_template"));
        File.WriteAllText(path, config.ToJsonString());
    }
}
