using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class LoraAdapterTests
{
    private static readonly MethodSpec s_everywhere = new() { Rank = 4, Targets = [.. MethodSpec.AllLinear, "embed_tokens", "lm_head"] };
    private readonly CausalLM _model = ModelStore.Create(TinyModel.Config(vocabulary: 64), ScalarType.Float32, seed: 1);
    private readonly Tensor _ids = tensor(new long[] { 1, 5, 9, 60, 3, 3, 7, 2 }, [2, 4]);

    [Fact]
    public void Fresh_ComputesExactlyWhatTheBaseDoes()
    {
        using var _ = no_grad();
        var before = _model.Logits(_model.Forward(_ids));
        LoraAdapter.Create(_model, s_everywhere, seed: 2).Attach(_model);
        Assert.True(before.Equals(_model.Logits(_model.Forward(_ids))));
    }

    public static TheoryData<MethodSpec> Methods =>
        [
            s_everywhere,
            s_everywhere with
            {
                RankStabilised = true,
            },
            s_everywhere with
            {
                Method = TuningMethod.DoRA,
                Targets = MethodSpec.AllLinear,
            },
            s_everywhere with
            {
                Method = TuningMethod.AdaLoRA,
                Targets = [MethodSpec.AllLinearName],
            },
        ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void SaveThenLoad_ComputesTheSame(MethodSpec method)
    {
        using var folder = new TemporaryFolder();
        using var _ = no_grad();
        var adapter = LoraAdapter.Create(_model, method, seed: 2);
        foreach (var update in adapter.Updates.Values)
        {
            foreach (var (_, tensor) in update.Tensors)
            {
                tensor.normal_();
            }
        }

        adapter.Attach(_model);
        var expected = _model.Logits(_model.Forward(_ids));
        PeftFolder.Save(folder.Path, adapter, "base");
        LoraAdapter.Detach(_model);
        PeftFolder.Load(folder.Path, _model).Attach(_model);
        Assert.True(expected.Equals(_model.Logits(_model.Forward(_ids))));
    }

    /// <summary>As PEFT saves <c>modules_to_save</c>: the head's own weight beside the factors of the others.</summary>
    [Fact]
    public void Load_ModulesThatWereSavedWhole_TakeTheBasesPlace()
    {
        using var folder = new TemporaryFolder();
        using var _ = no_grad();
        var head = randn(64, 32);
        var method = new MethodSpec
        {
            Rank = 4,
            Alpha = 8,
            Targets = ["q_proj"],
        };
        var low = LoraAdapter.Create(_model, method, seed: 2);
        var updates = low.Updates.ToDictionary();
        updates["lm_head"] = new WholeUpdate(head, _model.Head.Matrix);
        var hidden = _model.Forward(_ids);
        PeftFolder.Save(folder.Path, new LoraAdapter(low.Config with { Whole = ["lm_head"] }, updates), "base");

        var loaded = PeftFolder.Load(folder.Path, _model);
        loaded.Attach(_model);
        Assert.True((nn.functional.linear(hidden, head) - _model.Logits(hidden)).abs().max().item<float>() < 1e-5);
        var (weights, untied) = AdapterMerge.Merge(_model, loaded);
        Assert.True(untied);
        Assert.True(weights["lm_head.weight"].Equals(head));
    }

    [Fact]
    public void Scale_RankStabilised_IsAlphaByTheRootOfTheRank()
    {
        var plain = LoraConfig.Of(new MethodSpec { Rank = 16, Alpha = 8 });
        Assert.Equal((0.5, 2.0), (plain.ScaleOf("q_proj"), (plain with { RankStabilised = true }).ScaleOf("q_proj")));
    }

    [Fact]
    public void Load_RankAndAlphaPatterns_CountForTheirMaps()
    {
        using var folder = new TemporaryFolder();
        using var _ = no_grad();
        var method = new MethodSpec
        {
            Rank = 4,
            Alpha = 8,
            Targets = ["q_proj", "v_proj"],
        };
        PeftFolder.Save(folder.Path, LoraAdapter.Create(_model, method, seed: 2), "base");
        var path = folder.File("adapter_config.json");
        File.WriteAllText(
            path,
            File.ReadAllText(path).Replace("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"v_proj\": 2}", StringComparison.Ordinal)
        );
        var updates = PeftFolder.Load(folder.Path, _model).Updates.ToDictionary(pair => pair.Key, pair => (LowRankUpdate)pair.Value);
        Assert.Equal((2.0, 0.5), (updates["model.layers.0.self_attn.q_proj"].Scale, updates["model.layers.0.self_attn.v_proj"].Scale));
    }

    [Fact]
    public void Load_ModulesSavedWhole_AreRefusedByName()
    {
        using var folder = new TemporaryFolder();
        PeftFolder.Save(folder.Path, LoraAdapter.Create(_model, s_everywhere, seed: 2), "base");
        var path = folder.File("adapter_config.json");
        File.WriteAllText(
            path,
            File.ReadAllText(path).Replace("\"modules_to_save\": null", "\"modules_to_save\": [\"score\"]", StringComparison.Ordinal)
        );
        Assert.Contains(
            "score",
            Assert.Throws<ModelFileException>(() => PeftFolder.Load(folder.Path, _model)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("alora_invocation_tokens", "[1,2]", "alora_invocation_tokens")]
    [InlineData("init_lora_weights", "\"loftq\"", "loftq")]
    [InlineData("init_lora_weights", "\"olora\"", "olora")]
    [InlineData("some_new_method", "{\"a\":1}", "some_new_method")]
    [InlineData("target_modules", "\"(q_proj\"", "pattern")]
    [InlineData("exclude_modules", "\".*\"", "no part")]
    public void Load_WhatWouldComputeOtherwise_IsRefusedByName(string key, string value, string named)
    {
        using var folder = Changed(key, value);
        Assert.Contains(
            named,
            Assert.Throws<ModelFileException>(() => PeftFolder.Load(folder.Path, _model)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("alpha_pattern", "{\"layers\\\\.1\\\\..*\":64}", "model.layers.1.self_attn.q_proj", 64)]
    [InlineData("alpha_pattern", "{\".*\\\\.(k|v)_proj\":64}", "model.layers.0.self_attn.v_proj", 64)]
    [InlineData("alpha_pattern", "{\".*\\\\.(k|v)_proj\":64}", "model.layers.0.self_attn.q_proj", 16)]
    [InlineData("init_lora_weights", "\"gaussian\"", "model.layers.0.self_attn.q_proj", 16)]
    public void Load_PatternsOfAlphas_MeanWhatPeftMeansByThem(string key, string value, string map, double alpha)
    {
        using var folder = Changed(key, value);
        var adapter = PeftFolder.Load(folder.Path, _model);
        Assert.Equal(alpha / adapter.Config.Rank, adapter.Config.ScaleOf(map), 1e-12);
    }

    private TemporaryFolder Changed(string key, string value)
    {
        var folder = new TemporaryFolder();
        PeftFolder.Save(
            folder.Path,
            LoraAdapter.Create(
                _model,
                new MethodSpec
                {
                    Rank = 4,
                    Alpha = 16,
                    Targets = ["q_proj", "k_proj", "v_proj"],
                },
                seed: 2
            ),
            "base"
        );
        var root = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        root[key] = System.Text.Json.Nodes.JsonNode.Parse(value);
        File.WriteAllText(folder.File("adapter_config.json"), root.ToJsonString());
        return folder;
    }

    [Fact]
    public void Load_AdapterOfAnotherBase_IsRefused()
    {
        using var folder = new TemporaryFolder();
        PeftFolder.Save(folder.Path, LoraAdapter.Create(_model, s_everywhere, seed: 2), "base");
        var other = ModelStore.Create(TinyModel.Config(vocabulary: 80), ScalarType.Float32, seed: 1);
        var refusal = Assert.Throws<ModelFileException>(() => PeftFolder.Load(folder.Path, other));
        Assert.Contains("another base model", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_UnknownTarget_IsRefusedByName() =>
        Assert.Contains(
            "k_prj",
            Assert.Throws<ModelFileException>(() => LoraAdapter.Create(_model, new MethodSpec { Targets = ["k_prj"] }, 1)).Message,
            StringComparison.Ordinal
        );
}
