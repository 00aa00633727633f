using System.Text.Json.Nodes;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Other programs end the answers of a model that was tuned here where this one does.</summary>
public sealed class GenerationKeysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_ModelWithSeveralEnds_NamesAllOfThem_AndKeepsWhatElseTheBaseSaid()
    {
        var folder = TinyModel.Write(_folder.File("model"));
        File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"eos_token_id":[7,9],"temperature":0.6,"pad_token_id":3}""");
        var config = Root(folder, "config.json");
        (config["torch_dtype"], config["dtype"], config["pad_token_id"], config["bos_token_id"]) = ("float32", "float32", 4, 5);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        var encoder = ConversationEncoder.Of(folder, PromptTemplate.Chat, 64);

        GenerationKeys.Write(folder, encoder, ScalarType.BFloat16);

        var (written, generation) = (Root(folder, "config.json"), Root(folder, "generation_config.json"));
        Assert.Equal(encoder.EncodeAnswer("refund")[^1], written["eos_token_id"]!.GetValue<int>());
        List<int> ends = [.. generation["eos_token_id"]!.AsArray().Select(id => id!.GetValue<int>())];
        Assert.Equal(encoder.EndIds.Order(), ends.Order());
        Assert.Contains(7, ends);
        Assert.Contains(9, ends);
        Assert.Equal(
            (0.6, 3, 5),
            (generation["temperature"]!.GetValue<double>(), Int(generation, "pad_token_id"), Int(generation, "bos_token_id"))
        );
        Assert.Equal(("bfloat16", "bfloat16"), (written["torch_dtype"]!.GetValue<string>(), written["dtype"]!.GetValue<string>()));
        Assert.Equal(encoder.EndIds.Order(), ConversationEncoder.Of(folder, PromptTemplate.Chat, 64).EndIds.Order());
    }

    private static JsonObject Root(string folder, string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name)))!.AsObject();

    private static int Int(JsonObject root, string key) => root[key]!.GetValue<int>();
}
