using System.Text.Json.Nodes;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>What adapters say of themselves, held to what PEFT 0.20 writes and accepts.</summary>
public sealed class PeftDescriptionTests
{
    /// <summary>What PEFT's AdaLoraConfig has beyond LoraConfig.</summary>
    private static readonly string[] s_adaptive =
    [
        "init_r",
        "target_r",
        "tinit",
        "tfinal",
        "deltaT",
        "beta1",
        "beta2",
        "orth_reg_weight",
        "total_step",
    ];

    private readonly CausalLM _model = ModelStore.Create(TinyModel.Config(vocabulary: 64), ScalarType.Float32, seed: 1);

    [Theory]
    [InlineData(TuningMethod.LoRA, "adapter_lora_r4_all7")]
    [InlineData(TuningMethod.QLoRA, "adapter_lora_r4_all7")]
    [InlineData(TuningMethod.DoRA, "adapter_dora_r4_all7")]
    public void Save_OfLora_SaysWhatPeftSaysOfTheSameAdapter(TuningMethod method, string gold)
    {
        var peft = Read(SharedFiles.Find("gold", "models", gold));
        var own = Saved(
            new MethodSpec
            {
                Method = method,
                Rank = 4,
                Alpha = 8,
                Targets = MethodSpec.AllLinear,
            }
        );
        foreach (var (key, value) in own.Where(pair => pair.Key is not ("base_model_name_or_path" or "target_modules")))
        {
            Assert.True(peft.ContainsKey(key), $"PEFT has no '{key}'.");
            Assert.True(JsonNode.DeepEquals(peft[key], value), $"{key}: {value} instead of {peft[key]}");
        }

        Assert.Equal(Names(peft), Names(own));
    }

    [Fact]
    public void Save_OfPissa_SaysPlainLoraOfTwiceTheRank()
    {
        var own = Saved(
            new MethodSpec
            {
                Rank = 4,
                Start = AdapterStart.Pissa,
                Targets = MethodSpec.AllLinear,
            }
        );
        Assert.Equal(8, own["r"]!.GetValue<int>());
        Assert.DoesNotContain(own, pair => s_adaptive.Contains(pair.Key));
    }

    [Fact]
    public void Save_OfAdaLora_SaysTheCourseItWasTrainedBy()
    {
        var own = Saved(s_adaLora, new AdaLoraBudget(Initial: 84, Target: 56, TotalSteps: 200));
        Assert.Equal((6, 4), (own["init_r"]!.GetValue<int>(), own["target_r"]!.GetValue<int>()));
        Assert.Equal((200, 20, 60, 2), (Int(own, "total_step"), Int(own, "tinit"), Int(own, "tfinal"), Int(own, "deltaT")));
        Assert.Equal((0.85, 0.85, 0.5), (Number(own, "beta1"), Number(own, "beta2"), Number(own, "orth_reg_weight")));
        Assert.Equal(8, Int(own, "r")); // PEFT warns of any other
        Assert.Null(own["rank_pattern"]);
        var lora = Read(SharedFiles.Find("gold", "models", "adapter_lora_r4_all7"));
        Assert.All(own, pair => Assert.True(lora.ContainsKey(pair.Key) || s_adaptive.Contains(pair.Key), pair.Key));
    }

    /// <summary>PEFT refuses a course without steps, and one that leaves none between its first and its last part.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Save_OfAdaLora_IsACourseThatPeftAccepts(int steps)
    {
        var own = Saved(s_adaLora, steps == 0 ? null : new AdaLoraBudget(84, 56, steps));
        Assert.True(Int(own, "total_step") > 0);
        Assert.True(Int(own, "tinit") < Int(own, "total_step") - Int(own, "tfinal"));
    }

    [Fact]
    public void NameOf_AModelOfTheHub_IsItsNameThere_AndItsFoldersOtherwise()
    {
        using var folder = new TemporaryFolder();
        var model = Directory.CreateDirectory(folder.File("mine")).FullName;
        Assert.Equal("mine", ModelOrigin.NameOf(model));
        var before = ModelHash.Of(model);
        ModelOrigin.Write(model, "owner/name");
        Assert.Equal("owner/name", ModelOrigin.NameOf(model + Path.DirectorySeparatorChar));
        Assert.Equal(before, ModelHash.Of(model));
        File.WriteAllText(Path.Combine(model, ModelOrigin.FileName), "{");
        Assert.Equal("mine", ModelOrigin.NameOf(model));
    }

    private static readonly MethodSpec s_adaLora = new()
    {
        Method = TuningMethod.AdaLoRA,
        Rank = 4,
        Targets = MethodSpec.AllLinear,
    };

    private JsonObject Saved(MethodSpec method, AdaLoraBudget? budget = null)
    {
        using var folder = new TemporaryFolder();
        using var adapter = LoraAdapter.Create(_model, method, seed: 2);
        adapter.Budget = budget;
        PeftFolder.Save(folder.Path, adapter, "base");
        return Read(folder.Path);
    }

    private static JsonObject Read(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!.AsObject();

    private static List<string> Names(JsonObject root) =>
        [.. root["target_modules"]!.AsArray().Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal)];

    private static int Int(JsonObject root, string key) => root[key]!.GetValue<int>();

    private static double Number(JsonObject root, string key) => root[key]!.GetValue<double>();
}
