using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Agreement with Hugging Face transformers and PEFT, to the tolerances of the reference data.</summary>
public sealed class GoldModelTests
{
    private const double LogitTolerance = 1e-4, LossTolerance = 1e-5, GradientTolerance = 1e-3, TrajectoryTolerance = 2e-4;

    [Theory]
    [InlineData("llama_gqa_untied")]
    [InlineData("llama_tied_llama3rope")]
    public void Logits_EqualTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        AssertClose(expected["logits"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
    }

    [Theory]
    [InlineData("llama_gqa_untied")]
    [InlineData("llama_tied_llama3rope")]
    public void LossAndGradients_EqualTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        foreach (var weight in model.Parameters.Values)
        {
            weight.requires_grad = true;
        }

        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var batch = BatchOf(expected["input_ids"], expected["labels"]);
        var loss = AnswerLoss.Share(model, batch, batch.LearnedTokens);
        loss.backward();
        Assert.Equal(figures.RootElement.GetProperty("loss").GetDouble(), loss.item<float>(), LossTolerance);
        foreach (var norm in figures.RootElement.GetProperty("grad_norms").EnumerateObject())
        {
            var actual = model.Parameters[norm.Name].grad!.norm().item<float>();
            Assert.Equal(1, actual / norm.Value.GetDouble(), GradientTolerance);
        }
    }

    [Theory]
    [InlineData("llama_gqa_untied")]
    [InlineData("llama_tied_llama3rope")]
    public void GreedyGeneration_EqualsTheReference(string name)
    {
        var folder = SharedFiles.Find("gold", "models", name);
        var model = Load(folder);
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        AssertGenerates(model, figures.RootElement.GetProperty("generate"));
        AssertGenerates(model, figures.RootElement.GetProperty("generate_batch_left_padded"));
    }

    [Fact]
    public void LoraAdapter_LogitsEqualPeft()
    {
        var folder = SharedFiles.Find("gold", "models", "adapter_lora_r4_all7");
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var expected = Safetensors.Read(Path.Combine(folder, "expected.safetensors"));
        using var _ = no_grad();
        AssertClose(expected["logits_base"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
        PeftFolder.Load(folder, model).Attach(model);
        AssertClose(expected["logits_adapter"], model.Logits(model.Forward(expected["input_ids"])), expected["attention_mask"]);
    }

    [Theory]
    [InlineData("plain", 1, 0)]
    [InlineData("clip1", 1, 1)]
    [InlineData("accumulation2", 2, 0)]
    [InlineData("accumulation2_clip1", 2, 1)]
    public void LoraTraining_FollowsPeftsTrajectory(string name, int accumulation, double maximumNorm)
    {
        var folder = SharedFiles.Find("gold", "models", "traj_lora_r4");
        var model = Load(SharedFiles.Find("gold", "models", "llama_gqa_untied"));
        var adapter = PeftFolder.Load(Path.Combine(folder, "adapter_init"), model);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var trainer = new Trainer(model, parameters, new AdamW(parameters, new AdamWSettings(0.01)), new TrainerSettings(1, maximumNorm, PaddingId: 0));
        var batches = Safetensors.Read(Path.Combine(folder, "batches.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var losses = figures.RootElement.GetProperty(name).GetProperty("loss_float32");
        var norms = figures.RootElement.GetProperty(name).GetProperty("grad_norm_before_clip_float32");
        var rates = figures.RootElement.GetProperty("learning_rate_per_step");
        for (var step = 0; step < losses.GetArrayLength(); step++)
        {
            var parts = Enumerable.Range(0, accumulation).Select(part => Rows(batches, ((accumulation * step) + part) % 20)).ToList();
            var result = trainer.Step(step + 1, parts, rates[step].GetDouble());
            Assert.Equal(losses[step].GetDouble(), result.Loss, TrajectoryTolerance);
            Assert.Equal(1, result.GradientNorm / norms[step].GetDouble(), GradientTolerance);
        }
    }

    private static CausalLM Load(string folder) => ModelStore.Load(folder, ScalarType.Float32, ScalarType.Float32, CPU);

    /// <summary>The masks of the trajectory mark single tokens, not answers, so rows are cut where learning is contiguous.</summary>
    private static List<TokenRow> Rows(Dictionary<string, Tensor> batches, int index)
    {
        var rows = new List<TokenRow>();
        for (var r = 0; r < 2; r++)
        {
            var ids = batches["input_ids"][index, r].data<long>().ToArray();
            var labels = batches["labels"][index, r].data<long>().ToArray();
            var length = Array.FindLastIndex(labels, label => label != -100) + 1;
            var start = Math.Max(1, Array.FindIndex(labels, label => label != -100));
            if (labels.AsSpan(start, length - start).Contains(-100))
            {
                Assert.Skip("The reference batch has gaps in its mask.");
            }

            rows.Add(new TokenRow("", [.. ids.Take(length).Select(id => (int)id)], start));
        }

        return rows;
    }

    private static Batch BatchOf(Tensor ids, Tensor labels)
    {
        var width = ids.shape[1];
        var flat = labels.data<long>().ToArray();
        List<long> sources = [.. Enumerable.Range(0, flat.Length).Where(i => i % width > 0 && flat[i] != -100).Select(i => i - 1L)];
        return new Batch(ids, tensor(sources.ToArray()), tensor(sources.Select(i => flat[i + 1]).ToArray()), flat.Length);
    }

    private static void AssertGenerates(CausalLM model, JsonElement expected)
    {
        var prompts = new List<IReadOnlyList<int>>();
        var answers = new List<int[]>();
        for (var row = 0; row < expected.GetProperty("prompt_ids").GetArrayLength(); row++)
        {
            int[] ids = [.. expected.GetProperty("prompt_ids")[row].EnumerateArray().Select(id => id.GetInt32())];
            var padding = expected.TryGetProperty("attention_mask", out var mask) ? mask[row].EnumerateArray().Count(seen => seen.GetInt32() == 0) : 0;
            prompts.Add(ids[padding..]);
            answers.Add([.. expected.GetProperty("sequences")[row].EnumerateArray().Skip(ids.Length).Select(id => id.GetInt32())]);
        }

        var actual = GreedyGenerator.Generate(model, prompts, expected.GetProperty("max_new_tokens").GetInt32(), endId: null, TestContext.Current.CancellationToken);
        Assert.Equal(answers, actual.Select(answer => answer.ToArray()));
    }

    private static void AssertClose(Tensor expected, Tensor actual, Tensor mask)
    {
        var difference = (expected - actual).abs().amax([-1]) * mask;
        Assert.True(difference.max().item<float>() < LogitTolerance, $"Logits differ by {difference.max().item<float>()}.");
    }
}
