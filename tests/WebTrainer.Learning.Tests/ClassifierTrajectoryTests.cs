using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Twenty optimiser steps on labels, loss by loss as PEFT and transformers take them.</summary>
public sealed class ClassifierTrajectoryTests
{
    private const double LossTolerance = 2e-4,
        NormTolerance = 5e-3;

    [Theory]
    [InlineData("plain", 1, 0)]
    [InlineData("clip1", 1, 1)]
    [InlineData("accumulation2", 2, 0)]
    [InlineData("accumulation2_clip1", 2, 1)]
    public void LoraOnBert_FollowsPeftsTrajectory(string name, int accumulation, double maximumNorm)
    {
        var folder = SharedFiles.Find("gold", "models", "traj_lora_seqcls_bert");
        var model = Load("bert_seqcls_4");
        var adapter = PeftFolder.Load(Path.Combine(folder, "adapter_init"), model);
        adapter.Attach(model);
        List<TrainedParameter> parameters = [.. adapter.Parameters(), .. TrainedParameter.All(model.HeadParameters)];
        Assert.Equal(["classifier.bias", "classifier.weight"], model.HeadParameters.Keys.Order(StringComparer.Ordinal));
        AssertFollows(folder, name, model, parameters, accumulation, maximumNorm);
    }

    [Theory]
    [InlineData("trainer_decay_groups", 1, 0)]
    [InlineData("accumulation2", 2, 0)]
    [InlineData("clip1", 1, 1)]
    public void AllWeightsOfDistilBert_FollowTransformersTrajectory(string name, int accumulation, double maximumNorm)
    {
        var folder = SharedFiles.Find("gold", "models", "traj_full_distilbert");
        var model = Load("distilbert_seqcls_2");
        List<TrainedParameter> parameters = [.. TrainedParameter.All(model.Weights.Tensors), .. TrainedParameter.All(model.HeadParameters)];
        AssertFollows(folder, name, model, parameters, accumulation, name == "trainer_decay_groups" ? 1 : maximumNorm);
    }

    private static void AssertFollows(
        string folder,
        string name,
        SequenceClassifier model,
        List<TrainedParameter> parameters,
        int accumulation,
        double maximumNorm
    )
    {
        var loss = new ClassificationLoss(ClassificationKind.OneLabel, model.HeadConfig.Labels.Count);
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, maximumNorm, PaddingId: 0),
            new ClassifierObjective(model, loss)
        );
        var batches = Safetensors.Read(Path.Combine(folder, "batches.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var losses = figures.RootElement.GetProperty(name).GetProperty("loss_float32");
        var norms = figures.RootElement.GetProperty(name).GetProperty("grad_norm_before_clip_float32");
        var rates = figures.RootElement.GetProperty("learning_rate_per_step");
        for (var step = 0; step < losses.GetArrayLength(); step++)
        {
            var parts = Enumerable.Range(0, accumulation).Select(part => Rows(batches, ((accumulation * step) + part) % 20)).ToList();
            var result = trainer.Step(step + 1, parts, rates[step].GetDouble());
            Assert.Equal(losses[step].GetDouble(), result.Loss, LossTolerance);
            Assert.Equal(1, result.GradientNorm / norms[step].GetDouble(), NormTolerance);
        }
    }

    private static SequenceClassifier Load(string name) =>
        ModelStore
            .LoadClassifier(SharedFiles.Find("gold", "models", name), fresh: null, ScalarType.Float32, ScalarType.Float32, CPU)
            .WithDropout(0); // the reference trained without

    private static IReadOnlyList<TokenRow> Rows(Dictionary<string, Tensor> batches, int index)
    {
        int[] Numbers(string name, int row, int count) =>
            [.. batches[name][index, row].data<long>().ToArray().Take(count).Select(value => (int)value)];
        return
        [
            .. Enumerable
                .Range(0, (int)batches["input_ids"].shape[1])
                .Select(row =>
                {
                    var length = (int)batches["attention_mask"][index, row].sum().item<long>();
                    return new TokenRow($"{row}", Numbers("input_ids", row, length), length)
                    {
                        Types = batches.ContainsKey("token_type_ids") ? Numbers("token_type_ids", row, length) : null,
                        Target = RowTarget.Of((int)batches["labels"][index, row].item<long>()),
                    };
                }),
        ];
    }
}
