using System.Text.Json;
using TorchSharp;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Agreement with TRL, to the tolerances of the reference data.</summary>
public sealed class PreferenceGoldTests : IDisposable
{
    private const double FormulaTolerance = 1e-7,
        OddsTolerance = 2e-6,
        ModelTolerance = 2e-4,
        GradientTolerance = 1e-3;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly JsonDocument _gold = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "preference_losses.json")));

    public void Dispose()
    {
        _gold.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData("formula")]
    [InlineData("formula_large")]
    public void LossesOfPairs_AndTheirGradients_EqualTrl(string group)
    {
        var gold = _gold.RootElement.GetProperty(group);
        var inputs = gold.GetProperty("inputs");
        var compared = 0;
        foreach (var wanted in gold.GetProperty("dpo").EnumerateArray())
        {
            var (chosen, rejected) = (Numbers(inputs, "policy_chosen_logps"), Numbers(inputs, "policy_rejected_logps"));
            (chosen.requires_grad, rejected.requires_grad) = (true, true);
            var (up, down) = (chosen - Numbers(inputs, "reference_chosen_logps"), rejected - Numbers(inputs, "reference_rejected_logps"));
            var beta = wanted.GetProperty("beta").GetDouble();
            Tensor? losses = wanted.GetProperty("loss_type").GetString() switch
            {
                "sigmoid" => PreferenceLosses.Dpo((up - down).Times(beta)),
                "robust" => PreferenceLosses.RobustDpo((up - down).Times(beta), wanted.GetProperty("label_smoothing").GetDouble()),
                "ipo" => PreferenceLosses.Ipo(up / Numbers(inputs, "chosen_lengths"), down / Numbers(inputs, "rejected_lengths"), beta),
                _ => null,
            };
            if (losses is null || wanted.TryGetProperty("f_divergence_type", out var _))
            {
                continue;
            }

            compared++;
            losses.mean().backward();
            AssertClose(wanted.GetProperty("per_pair_loss"), losses);
            AssertClose(wanted.GetProperty("d_loss_d_policy_chosen_logps"), chosen.grad!);
            AssertClose(wanted.GetProperty("d_loss_d_policy_rejected_logps"), rejected.grad!);
        }

        Assert.Equal(6, compared);
    }

    [Theory]
    [InlineData("formula")]
    [InlineData("formula_large")]
    public void Kto_AndItsGradients_EqualTrl(string group)
    {
        var gold = _gold.RootElement.GetProperty(group).GetProperty("kto");
        var inputs = gold.GetProperty("inputs");
        var compared = 0;
        foreach (var wanted in gold.GetProperty("cases").EnumerateArray().Where(c => c.GetProperty("loss_type").GetString() == "kto"))
        {
            var policy = Numbers(inputs, "policy_logps");
            policy.requires_grad = true;
            double[] labels = [.. wanted.GetProperty("labels").EnumerateArray().Select(label => label.GetBoolean() ? 1.0 : -1.0)];
            double Weight(double sign) => wanted.GetProperty(sign > 0 ? "desirable_weight" : "undesirable_weight").GetDouble();
            var moved = Math.Max(0, (Numbers(inputs, "policy_KL_logps") - Numbers(inputs, "reference_KL_logps")).mean().item<double>());
            Assert.Equal(wanted.GetProperty("kl").GetDouble(), moved, FormulaTolerance);
            var losses = PreferenceLosses.Kto(
                policy - Numbers(inputs, "reference_logps"),
                tensor(labels),
                tensor([.. labels.Select(Weight)]),
                moved,
                wanted.GetProperty("beta").GetDouble()
            );
            losses.mean().backward();
            Assert.Equal(wanted.GetProperty("loss").GetDouble(), losses.mean().item<double>(), FormulaTolerance);
            AssertClose(wanted.GetProperty("d_loss_d_policy_logps"), policy.grad!);
            compared++;
        }

        Assert.True(compared >= 4);
    }

    [Theory]
    [InlineData("formula")]
    [InlineData("formula_large")]
    public void LossesWithoutReference_AndTheirGradients_EqualTrl(string group)
    {
        var gold = _gold.RootElement.GetProperty(group);
        var (inputs, lengths) = (gold.GetProperty("reference_free_inputs"), gold.GetProperty("inputs"));
        foreach (var wanted in gold.GetProperty("simpo_cpo").EnumerateArray().Where(IsPlainSimPo))
        {
            var (chosen, rejected) = Means(inputs);
            var (beta, gamma) = (wanted.GetProperty("beta").GetDouble(), wanted.GetProperty("simpo_gamma").GetDouble());
            var loss = PreferenceLosses.SimPo(chosen, rejected, beta, gamma).mean();
            loss.backward();
            AssertNear(wanted.GetProperty("loss").GetDouble(), loss.item<double>(), FormulaTolerance);
            AssertClose(wanted.GetProperty("d_loss_d_last_chosen_token_logp"), chosen.grad! / Numbers(lengths, "chosen_lengths"));
            AssertClose(wanted.GetProperty("d_loss_d_last_rejected_token_logp"), rejected.grad! / Numbers(lengths, "rejected_lengths"));
        }

        foreach (var wanted in gold.GetProperty("orpo").EnumerateArray())
        {
            var (chosen, rejected) = Means(inputs);
            var odds = PreferenceLosses.OddsRatio(chosen, rejected).mean().Times(wanted.GetProperty("beta").GetDouble());
            odds.backward();
            AssertNear(
                wanted.GetProperty("loss").GetDouble(),
                inputs.GetProperty("chosen_nll_prompt_and_completion").GetDouble() + odds.item<double>(),
                OddsTolerance
            );
            AssertClose(
                wanted.GetProperty("d_loss_d_last_rejected_token_logp"),
                rejected.grad! / Numbers(lengths, "rejected_lengths"),
                OddsTolerance
            );
            // the likelihood's own part is the same for each last token: 1 / tokens
            var rest = Numbers(wanted, "d_loss_d_last_chosen_token_logp") - (chosen.grad! / Numbers(lengths, "chosen_lengths"));
            Assert.True((rest - rest.mean()).abs().max().item<double>() < OddsTolerance);
            Assert.True(rest.max().item<double>() < 0);
        }
    }

    [Fact]
    public void OddsOfAnAnswerThatIsSure_AreANumber() =>
        Assert.True(double.IsFinite(PreferenceLosses.OddsRatio(zeros(1), zeros(1).Plus(-1)).item<float>()));

    [Theory]
    [InlineData(PreferenceLoss.Dpo, "dpo", "sigmoid")]
    [InlineData(PreferenceLoss.Ipo, "dpo", "ipo")]
    [InlineData(PreferenceLoss.RobustDpo, "dpo", "robust")]
    [InlineData(PreferenceLoss.Orpo, "orpo", null)]
    [InlineData(PreferenceLoss.SimPo, "simpo", null)]
    [InlineData(PreferenceLoss.Kto, "kto", null)]
    public void LossOfAModel_AndItsGradients_EqualTrl(PreferenceLoss loss, string method, string? type)
    {
        var gold = _gold.RootElement.GetProperty("model_level");
        var wanted = gold.GetProperty("cases")
            .EnumerateArray()
            .Single(c => c.GetProperty("method").GetString() == method && (type is null || c.GetProperty("loss_type").GetString() == type));
        var (model, adapter) = Load("adapter_lora_r4_all7");
        var objective = PreferenceObjective.Of(
            new ObjectiveSpec
            {
                Loss = loss,
                Beta = wanted.GetProperty("beta").GetDouble(),
                SimPoBeta = 2,
                SimPoMargin = 0.5,
                FlippedShare = 0.1,
            },
            model,
            adapter,
            paddingId: 0
        );
        List<TokenRow> chosen = [.. Rows(gold, "chosen")],
            rejected = [.. Rows(gold, "rejected")];
        List<TokenRow> rows =
            loss == PreferenceLoss.Kto
                ? [.. chosen.Select(row => row with { Wanted = true }), .. rejected.Select(row => row with { Wanted = false })]
                : [.. chosen.Zip(rejected, (good, bad) => good with { Rejected = bad })];
        var parameters = adapter.Parameters().ToDictionary(parameter => $"base_model.model.{parameter.Name}", p => p.Tensor);
        objective.Begin([rows]);
        using var batch = Batch.Of(objective.Sequences(rows), paddingId: 0, CPU);
        var actual = objective.Share(batch, rows.Count);
        actual.backward();
        Assert.Equal(wanted.GetProperty("loss").GetDouble(), actual.item<float>(), ModelTolerance);
        foreach (var norm in wanted.GetProperty("grad_norms").EnumerateObject())
        {
            AssertNear(norm.Value.GetDouble(), parameters[norm.Name].grad!.norm().item<float>(), GradientTolerance);
        }

        var total = Math.Sqrt(parameters.Values.Sum(tensor => Math.Pow(tensor.grad?.norm().item<float>() ?? 0, 2)));
        AssertNear(wanted.GetProperty("grad_norm_total").GetDouble(), total, GradientTolerance);
    }

    [Theory]
    [InlineData("traj_dpo_lora", PreferenceLoss.Dpo, 0.1)]
    [InlineData("traj_orpo_lora", PreferenceLoss.Orpo, 0.2)]
    public void Training_FollowsTrlsTrajectory(string name, PreferenceLoss loss, double beta)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var (model, adapter) = Load(Path.Combine(name, "adapter_init"));
        var parameters = adapter.Parameters();
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, MaxGradientNorm: 0, PaddingId: 0),
            PreferenceObjective.Of(new ObjectiveSpec { Loss = loss, Beta = beta }, model, adapter, paddingId: 0)
        );
        var batches = Safetensors.Read(Path.Combine(folder, "batches.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var plain = figures.RootElement.GetProperty("plain");
        var losses = plain.GetProperty("loss_float32");
        for (var step = 0; step < losses.GetArrayLength(); step++)
        {
            List<TokenRow> rows = [.. Enumerable.Range(0, 4).Select(r => Row(batches, step, r))];
            var result = trainer.Step(
                step + 1,
                [(List<TokenRow>)[rows[0] with { Rejected = rows[2] }, rows[1] with { Rejected = rows[3] }]],
                figures.RootElement.GetProperty("learning_rate_per_step")[step].GetDouble()
            );
            Assert.Equal(losses[step].GetDouble(), result.Loss, ModelTolerance);
            AssertNear(plain.GetProperty("grad_norm_before_clip_float32")[step].GetDouble(), result.GradientNorm, 2 * GradientTolerance);
        }
    }

    private static bool IsPlainSimPo(JsonElement wanted) =>
        wanted.GetProperty("loss_type").GetString() == "simpo"
        && wanted.GetProperty("label_smoothing").GetDouble() == 0
        && wanted.GetProperty("cpo_alpha").GetDouble() == 0;

    private static (Tensor Chosen, Tensor Rejected) Means(JsonElement inputs)
    {
        var (chosen, rejected) = (Numbers(inputs, "mean_chosen_logps"), Numbers(inputs, "mean_rejected_logps"));
        (chosen.requires_grad, rejected.requires_grad) = (true, true);
        return (chosen, rejected);
    }

    private static IEnumerable<TokenRow> Rows(JsonElement gold, string answers) =>
        gold.GetProperty("prompts")
            .EnumerateArray()
            .Zip(
                gold.GetProperty(answers).EnumerateArray(),
                (prompt, answer) => new TokenRow("r", [.. Ids(prompt), .. Ids(answer)], prompt.GetArrayLength())
            );

    private static IEnumerable<int> Ids(JsonElement list) => list.EnumerateArray().Select(id => id.GetInt32());

    private static TokenRow Row(Dictionary<string, Tensor> batches, int batch, int row)
    {
        long[] Of(string name) => batches[name][batch, row].data<long>().ToArray();
        var length = (int)Of("attention_mask").Sum();
        return new("r", [.. Of("input_ids").Take(length).Select(id => (int)id)], Array.IndexOf(Of("completion_mask"), 1L));
    }

    private static (CausalLM Model, LoraAdapter Adapter) Load(string adapter)
    {
        var model = ModelStore.Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"), ScalarType.Float32, ScalarType.Float32, CPU);
        var loaded = PeftFolder.Load(SharedFiles.Find(["gold", "models", .. adapter.Split('/')]), model);
        loaded.Attach(model);
        return (model, loaded);
    }

    private static Tensor Numbers(JsonElement element, string name) =>
        tensor([.. element.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())]);

    private static void AssertClose(JsonElement expected, Tensor actual, double tolerance = FormulaTolerance)
    {
        foreach (var (wanted, number) in expected.EnumerateArray().Zip(actual.detach().data<double>()))
        {
            AssertNear(wanted.GetDouble(), number, tolerance);
        }
    }

    /// <summary>Numbers above 1 are compared by their share.</summary>
    private static void AssertNear(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{actual} is not {expected}.");
}
