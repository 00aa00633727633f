using System.Text.Json;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Agreement of an encoder-decoder with Hugging Face transformers and PEFT, to the tolerances of the reference data.</summary>
public sealed class SequenceToSequenceTests
{
    private const double LogitTolerance = 1e-4,
        LossTolerance = 1e-5,
        GradientTolerance = 1e-3,
        TrajectoryTolerance = 2e-4;

    [Fact]
    public void StatesAndLogits_EqualTheReference()
    {
        var (model, expected) = (Load(), Expected());
        using var _ = no_grad();
        var lengths = Lengths(expected["attention_mask"]);
        var states = model.Encode(expected["input_ids"], lengths);
        for (var row = 0; row < lengths.Length; row++)
        {
            AssertClose(expected["encoder_last_hidden_state"][row].narrow(0, 0, lengths[row]), states[row].narrow(0, 0, lengths[row]));
        }

        AssertClose(expected["logits"], model.Logits(model.Decode(expected["decoder_input_ids"], states, lengths)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LossAndGradients_EqualTheReference(bool checkpointing)
    {
        var (model, expected) = (Load(), Expected());
        model.Checkpointing = checkpointing;
        foreach (var weight in model.Weights.Tensors.Values)
        {
            weight.requires_grad = true;
        }

        using var batch = Batch.Of(RowsOf(expected["input_ids"], expected["attention_mask"], expected["labels"]), paddingId: 0, CPU);
        var loss = AnswerLoss.Share(model, batch, batch.LearnedTokens);
        loss.backward();
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder("t5_relu_tied"), "expected.json")));
        Assert.Equal(figures.RootElement.GetProperty("labels_loss").GetDouble(), loss.item<float>(), LossTolerance);
        foreach (var norm in figures.RootElement.GetProperty("grad_norms").EnumerateObject())
        {
            var gradient = model.Weights.Tensors[norm.Name].grad!;
            Assert.True(
                Math.Abs((gradient.norm().item<float>() / norm.Value.GetDouble()) - 1) < GradientTolerance,
                $"{norm.Name}: {gradient.norm().item<float>()} instead of {norm.Value.GetDouble()}"
            );
        }
    }

    [Fact]
    public void GreedyGeneration_EqualsTheReference()
    {
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder("t5_relu_tied"), "expected.json")));
        var expected = figures.RootElement.GetProperty("generate");
        int[] prompt = [.. expected.GetProperty("prompt_ids")[0].EnumerateArray().Select(id => id.GetInt32())];
        var answers = GreedyGenerator.Generate(
            Load(),
            [prompt],
            expected.GetProperty("max_new_tokens").GetInt32(),
            endIds: new HashSet<int>(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(expected.GetProperty("sequences_decoder")[0].EnumerateArray().Skip(1).Select(id => id.GetInt32()), answers[0]);
    }

    [Theory]
    [InlineData("plain", 1, 0)]
    [InlineData("clip1", 1, 1)]
    [InlineData("accumulation2", 2, 0)]
    [InlineData("accumulation2_clip1", 2, 1)]
    public void Lora_FollowsPeftsTrajectory(string name, int accumulation, double maximumNorm)
    {
        var (model, folder) = (Load(), Folder("traj_lora_t5_qv"));
        var adapter = PeftFolder.Load(Path.Combine(folder, "adapter_init"), model);
        adapter.Attach(model);
        var parameters = adapter.Parameters();
        var trainer = new Trainer(
            model,
            parameters,
            new AdamW(parameters, new AdamWSettings(0.01)),
            new TrainerSettings(1, maximumNorm, PaddingId: 0),
            new AnswerObjective(model)
        );
        var batches = Safetensors.Read(Path.Combine(folder, "batches.safetensors"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var losses = figures.RootElement.GetProperty(name).GetProperty("loss_float32");
        var norms = figures.RootElement.GetProperty(name).GetProperty("grad_norm_before_clip_float32");
        var rates = figures.RootElement.GetProperty("learning_rate_per_step");
        for (var step = 0; step < losses.GetArrayLength(); step++)
        {
            var parts = Enumerable.Range(0, accumulation).Select(part => RowsOf(batches, ((accumulation * step) + part) % 20)).ToList();
            var result = trainer.Step(step + 1, parts, rates[step].GetDouble());
            Assert.Equal(losses[step].GetDouble(), result.Loss, TrajectoryTolerance);
            Assert.Equal(1, result.GradientNorm / norms[step].GetDouble(), GradientTolerance);
        }

        AssertIsFinal(adapter, name);
    }

    /// <summary>The reference's factors after the last step.</summary>
    private static void AssertIsFinal(LoraAdapter adapter, string name)
    {
        var final = Safetensors.Read(Path.Combine(Folder("traj_lora_t5_qv"), "final.safetensors"));
        var own = adapter.Updates.SelectMany(update => update.Value.Tensors.Select(part => (Name: $"{update.Key}.{part.Key}", part.Value)));
        foreach (var (part, tensor) in own)
        {
            var key = Assert.Single(
                final.Keys,
                key => key.StartsWith(name + ".", StringComparison.Ordinal) && key.EndsWith(part, StringComparison.Ordinal)
            );
            AssertClose(final[key].to(ScalarType.Float32), tensor.detach(), TrajectoryTolerance);
        }
    }

    private static SequenceToSequenceLM Load() =>
        ModelStore.LoadSequenceToSequence(Folder("t5_relu_tied"), ScalarType.Float32, ScalarType.Float32, CPU);

    private static string Folder(string name) => SharedFiles.Find("gold", "models", name);

    private static Dictionary<string, Tensor> Expected() => Safetensors.Read(Path.Combine(Folder("t5_relu_tied"), "expected.safetensors"));

    private static int[] Lengths(Tensor mask) => [.. mask.sum(1).data<long>().Select(length => (int)length)];

    private static List<TokenRow> RowsOf(Dictionary<string, Tensor> batches, int index) =>
        RowsOf(batches["input_ids"][index], batches["attention_mask"][index], batches["labels"][index]);

    private static List<TokenRow> RowsOf(Tensor ids, Tensor mask, Tensor labels)
    {
        var lengths = Lengths(mask);
        return
        [
            .. lengths.Select(
                (length, row) =>
                    new TokenRow(
                        "",
                        [
                            .. ids[row].narrow(0, 0, length).data<long>().Select(id => (int)id),
                            .. labels[row].data<long>().Where(id => id != -100).Select(id => (int)id),
                        ],
                        length
                    )
            ),
        ];
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance = LogitTolerance)
    {
        var distance = (expected - actual).abs().max().item<float>();
        Assert.True(distance < tolerance, $"differs by {distance}");
    }
}
