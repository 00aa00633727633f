using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>PiSSA (arXiv:2404.02948), LoRA+ (arXiv:2402.12354) and NEFTune (arXiv:2310.05914).</summary>
public sealed class AdapterStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pissa_TakesOutOfTheBaseWhatPeftTakes_AndChangesNothingAtFirst()
    {
        var folder = SharedFiles.Find("gold", "models", "init_pissa");
        var model = Gold();
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        var adapter = LoraAdapter.Create(model, Pissa(["q_proj", "v_proj"]), seed: 1);
        using var _ = no_grad();
        foreach (var (name, update) in adapter.Updates)
        {
            var principal = Assert.IsType<PrincipalUpdate>(update);
            var product = principal.StartB.matmul(principal.StartA); // scale 1
            if (!expected.TryGetValue($"changed_base.{name}.weight", out var wanted))
            {
                continue; // the reference holds the first layer's
            }

            var rest = model.Parameters[name + ".weight"] - product;
            Assert.True((wanted - rest).abs().max().item<float>() < 2e-5, name);
        }

        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var norms = figures.RootElement.GetProperty("layers").GetProperty("model.layers.0.self_attn.q_proj");
        var first = (PrincipalUpdate)adapter.Updates["model.layers.0.self_attn.q_proj"];
        Assert.Equal(1, first.Learned.A.norm().item<float>() / norms.GetProperty("A_frobenius_norm").GetDouble(), 1e-4);
        Assert.Equal(1, first.Learned.B.norm().item<float>() / norms.GetProperty("B_frobenius_norm").GetDouble(), 1e-4);
        adapter.Attach(model);
        var mask = expected["attention_mask"];
        var difference = (expected["logits_base"] - model.Logits(model.Forward(expected["input_ids"]))).abs().amax([-1]) * mask;
        Assert.True(difference.max().item<float>() < 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pissa_AsWritten_IsAPlainLoraOfTwiceTheRank_ThatComputesTheSame(bool rankStabilised)
    {
        var model = ModelStore.Create(TinyModel.Config(64), ScalarType.Float32, seed: 1);
        var adapter = LoraAdapter.Create(
            model,
            Pissa(["q_proj", "down_proj", "lm_head"]) with
            {
                RankStabilised = rankStabilised,
                Alpha = 6,
            },
            seed: 1
        );
        adapter.Attach(model);
        Train(model, adapter);
        PeftFolder.Save(_folder.Path, adapter, "base");
        using var config = JsonDocument.Parse(File.ReadAllText(_folder.File("adapter_config.json")));
        Assert.Equal(8, config.RootElement.GetProperty("r").GetInt32());
        Assert.Equal(rankStabilised ? 6 * Math.Sqrt(2) : 12, config.RootElement.GetProperty("lora_alpha").GetDouble(), 1e-9);
        Assert.True(config.RootElement.GetProperty("init_lora_weights").GetBoolean());
        using var _ = no_grad();
        var ids = tensor(new long[] { 1, 2, 3, 4, 5 }).unsqueeze(0);
        var trained = model.Logits(model.Forward(ids));
        LoraAdapter.Detach(model);
        Assert.True((trained - model.Logits(model.Forward(ids))).abs().max().item<float>() > 1e-3);
        PeftFolder.Load(_folder.Path, model).Attach(model);
        Assert.True((trained - model.Logits(model.Forward(ids))).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Pissa_OfAHigherRankThanTheMap_IsRefusedByItsName()
    {
        var model = ModelStore.Create(TinyModel.Config(64), ScalarType.Float32, seed: 1);
        var refusal = Assert.Throws<ModelFileException>(() => LoraAdapter.Create(model, Pissa(["q_proj", "v_proj"]) with { Rank = 17 }, 1));
        Assert.Contains("v_proj' has 16", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Adam's first step is the learning rate for each weight whose gradient isn't 0.</summary>
    [Theory]
    [InlineData(TuningMethod.LoRA)]
    [InlineData(TuningMethod.DoRA)]
    public void LoraPlus_MovesBFasterByTheRatio(TuningMethod method)
    {
        const double Rate = 1e-4,
            Ratio = 16;
        var model = ModelStore.Create(TinyModel.Config(64), ScalarType.Float32, seed: 1);
        var spec = new MethodSpec
        {
            Method = method,
            Rank = 4,
            Alpha = 8,
            Targets = ["q_proj"],
            RateRatio = Ratio,
        };
        var adapter = LoraAdapter.Create(model, spec, seed: 1);
        adapter.Attach(model);
        using (no_grad())
        {
            foreach (var tensor in adapter.Updates.Values.SelectMany(update => update.Tensors).Select(pair => pair.Value))
            {
                tensor.PlusInPlace(0.01); // so that A has a gradient too
            }
        }

        var parameters = adapter.Parameters();
        var before = parameters.Select(parameter => parameter.Tensor.detach().clone()).ToList();
        Train(model, adapter, Rate);
        for (var i = 0; i < parameters.Count; i++)
        {
            var moved = (parameters[i].Tensor.detach() - before[i]).abs().max().item<float>();
            var wanted = parameters[i].Name.EndsWith("lora_A.weight", StringComparison.Ordinal) ? Rate : Ratio * Rate;
            Assert.Equal(1, moved / wanted, 0.02);
        }
    }

    [Fact]
    public void Neftune_MovesEmbeddingsWithinItsBound_WhileTrainingOnly()
    {
        var model = ModelStore.Create(TinyModel.Config(64), ScalarType.Float32, seed: 1);
        using var _ = no_grad();
        var ids = tensor(new long[] { 1, 2, 3, 4, 5, 6, 7, 8 }).view(2, 4);
        var plain = model.States(ids).First();
        model.EmbeddingNoise = 5;
        Assert.Equal(0, (model.States(ids).First() - plain).abs().max().item<float>());
        model.Training = true;
        manual_seed(3);
        var noise = model.States(ids).First() - plain;
        var most = 5 / Math.Sqrt(4 * 32); // α / √(L·d)
        Assert.InRange(noise.abs().max().item<float>(), 0.9 * most, most + 1e-6);
        Assert.Equal(0, noise.mean().item<float>(), 0.1 * most);
        Assert.Equal(most / Math.Sqrt(3), noise.std().item<float>(), 0.1 * most); // of a uniform distribution
        manual_seed(3);
        Assert.Equal(0, (model.States(ids).First() - plain - noise).abs().max().item<float>());
    }

    private static MethodSpec Pissa(IReadOnlyList<string> targets) =>
        new()
        {
            Rank = 4,
            Alpha = 4,
            Targets = targets,
            Start = AdapterStart.Pissa,
        };

    private static void Train(CausalLM model, LoraAdapter adapter, double rate = 1e-2)
    {
        var parameters = adapter.Parameters();
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0)),
            new TrainerSettings(1, 0, 0),
            new AnswerObjective(model)
        );
        trainer.Step(
            1,
            [
                [new TokenRow("r", [1, 2, 3, 4, 5, 6], 1), new TokenRow("s", [9, 8, 7, 11], 1)],
            ],
            rate
        );
    }

    private static CausalLM Gold() =>
        ModelStore.Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"), ScalarType.Float32, ScalarType.Float32, CPU);
}
