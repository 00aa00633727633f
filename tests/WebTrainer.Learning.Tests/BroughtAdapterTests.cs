using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>An adapter that was trained elsewhere is tried on its base, refused by name where it can't be, and gone on with.</summary>
public sealed class BroughtAdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyAdapter _fits = new()
    {
        Layers = 2,
        Width = 32,
        Deviation = 0.5,
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_OfAnAdapter_MeasuresItsBaseWithAndWithoutIt()
    {
        var check = Check(_fits);
        Assert.Equal((TuningMethod.LoRA, 2, 4), (check.Adapter!.Method, check.Adapter.Rank, check.Adapter.Alpha));
        Assert.Equal(["q_proj"], check.Adapter.Targets);
        Assert.Equal(check.Readings.Select(page => page.Language), check.BaseReadings.Select(page => page.Language));
        Assert.NotEqual(check.Readings[0].BitsPerByte, check.BaseReadings[0].BitsPerByte, 1e-4);
        Assert.Contains("With this adapter", check.ReadingProblem!, StringComparison.Ordinal); // the base has learned nothing
    }

    [Fact]
    public void Check_OfAnAdapterThatChangesNothing_MeasuresTheSameTwice()
    {
        var check = Check(_fits with { Deviation = 0 });
        Assert.Equal(check.BaseReadings, check.Readings);
    }

    public static TheoryData<string, string> Unreadable =>
        new()
        {
            { """{ "alora_invocation_tokens": [1, 2] }""", "alora_invocation_tokens" },
            { """{ "init_lora_weights": "pissa" }""", "'pissa' (init_lora_weights)" },
            { """{ "init_lora_weights": "olora" }""", "'olora' (init_lora_weights)" },
            { """{ "init_lora_weights": "corda" }""", "'corda' (init_lora_weights)" },
            { """{ "init_lora_weights": "loftq" }""", "'loftq' (init_lora_weights)" },
            { """{ "peft_type": "IA3" }""", "'IA3'" },
            { """{ "something_new": 3 }""", "something_new" },
            { """{ "bias": "all" }""", "bias: all" },
            { """{ "layer_replication": [[0, 1]] }""", "layer_replication" },
            { """{ "target_parameters": ["mlp.experts.gate_up_proj"] }""", "'mlp.experts.gate_up_proj' (target_parameters)" },
            { """{ "alpha_pattern": { "(q_proj": 8 } }""", "pattern of the adapter can't be read" },
        };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void Check_OfWhatWouldComputeOtherwise_IsRefusedByItsName(string keys, string named)
    {
        var refusal = Assert.Throws<ModelFileException>(() => Check(_fits with { More = JsonNode.Parse(keys)!.AsObject() }));
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfAnAdapterOfAnotherBase_SaysWhatDoesntFit()
    {
        var refusal = Assert.Throws<ModelFileException>(() => Check(_fits with { Width = 64 }));
        Assert.Contains("made for another base model", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 64], not [2, 32]", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(
            "lacks 'base_model.model.model.layers.1.",
            Assert.Throws<ModelFileException>(() => Check(_fits with { Layers = 1 })).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "layers.2.",
            Assert.Throws<ModelFileException>(() => Check(_fits with { Layers = 3 })).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Check_OfADamagedAdapter_NamesTheWeight()
    {
        var refusal = Assert.Throws<ModelFileException>(() => Check(_fits with { Deviation = double.NaN }));
        Assert.Contains("q_proj.lora_A.weight' holds values that are no numbers", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OnAnEncoder_SaysWhatIsMissing()
    {
        var bert = new TinyBert { Words = ["card"] }.Write(_folder.File("bert"));
        var refusal = Assert.Throws<ModelFileException>(() => Check(_fits, bert));
        Assert.Contains("names of its labels", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GoOn_BeginsWhereTheAdapterIs_AndMeasuresGainsFromThere()
    {
        var (model, adapter) = GoOn();
        using (no_grad())
        {
            var ids = tensor(new long[] { 1, 5, 9, 3 }).unsqueeze(0);
            PeftFolder.Load(_folder.File("adapter"), model).Attach(model);
            var before = model.Logits(model.Forward(ids));
            adapter.Attach(model);
            Assert.True(before.Equals(model.Logits(model.Forward(ids))));
            LoraAdapter.Detach(model);
            Assert.False(before.Equals(model.Logits(model.Forward(ids))));
            adapter.Attach(model);
        }

        // Nothing is gained yet on what the adapter was, though it is far from the base.
        var objective = new PairObjective(model, adapter, new ObjectiveSpec { Beta = 0.5 });
        List<TokenRow> pairs = [new TokenRow("p", [1, 20, 31], 2) { Rejected = new("p", [1, 20, 41], 2) }];
        Assert.Equal(Math.Log(2), objective.Measure(pairs, paddingId: 0, TestContext.Current.CancellationToken).Loss, 1e-6);

        var parameters = adapter.Parameters();
        Assert.Equal(4, parameters.Count); // the beginning is no part of what learns
        var trainer = new Trainer(model, parameters, new AdamW(parameters, new AdamWSettings(0)), new TrainerSettings(1, 1, 0), objective);
        var first = adapter.Beginning!.Updates.Values.Select(update => update.Tensors.First().Value.clone()).ToList();
        for (var step = 1; step <= 30; step++)
        {
            trainer.Step(step, [pairs], learningRate: 5e-2);
        }

        Assert.True(objective.Measure(pairs, paddingId: 0, TestContext.Current.CancellationToken).Loss < Math.Log(2) - 1e-5);
        Assert.All(
            adapter.Beginning.Updates.Values.Select(update => update.Tensors.First().Value).Zip(first),
            pair => Assert.True(pair.First.Equals(pair.Second))
        );
    }

    [Fact]
    public void GoOn_ByAnotherMethod_IsRefused()
    {
        var refusal = Assert.Throws<ModelFileException>(() => GoOn(new MethodSpec { Rank = 8, Alpha = 4 }));
        Assert.Contains("rank 2 and alpha 4", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_FromAnAdapter_LearnsOn_AndRefusesOneThatWasReplaced()
    {
        var start = _fits.Write(_folder.File("adapter"));
        var spec = TinyModel.Spec(_folder);
        spec = spec with
        {
            Method = new MethodSpec
            {
                Rank = 2,
                Alpha = 4,
                Targets = ["q_proj"],
            },
            StartsFrom = new StartAdapter("run-7", start, ModelHash.Of(start)),
        };
        var folder = Folder("run");
        Assert.Equal(WorkerState.Completed, Train(folder, spec));
        var (before, after) = (Weights(start), Weights(folder.Adapter));
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        Assert.All(before, pair => Assert.False(pair.Value.Equals(after[pair.Key])));
        // It is near where it began, not near a fresh one.
        Assert.All(
            before,
            pair => Assert.True((pair.Value - after[pair.Key]).norm().item<float>() < 0.5 * pair.Value.norm().item<float>())
        );

        (_fits with { Deviation = 0.4 }).Write(start);
        var refusal = Assert.Throws<ModelFileException>(() => Train(Folder("again"), spec));
        Assert.Contains("run-7", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_OfAllWeightsFromAnAdapter_IsRefused()
    {
        var (spec, start) = (TinyModel.Spec(_folder), _fits.Write(_folder.File("adapter")));
        var refusal = Assert.Throws<InvalidDataException>(() =>
            Train(
                Folder("run"),
                spec with
                {
                    Method = new MethodSpec { Method = TuningMethod.Full },
                    StartsFrom = new StartAdapter("run-7", start, ModelHash.Of(start)),
                }
            )
        );
        Assert.Contains("run-7", refusal.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Weights(string folder) =>
        Checkpoints.Safetensors.Read(Path.Combine(folder, PeftFiles.Weights));

    private (CausalLM Model, LoraAdapter Adapter) GoOn(MethodSpec? method = null)
    {
        var model = ModelStore.Create(TinyModel.Config(64), ScalarType.Float32, seed: 1);
        _fits.Write(_folder.File("adapter"));
        return (model, LoraAdapter.GoOn(_folder.File("adapter"), model, method ?? new MethodSpec { Rank = 2, Alpha = 4 }));
    }

    private ModelCheck Check(TinyAdapter adapter, string? baseModel = null)
    {
        var folder = Folder("check");
        var spec = new CheckSpec
        {
            BaseModel = baseModel ?? TinyModel.Write(_folder.File("base")),
            Adapter = adapter.Write(_folder.File("adapter")),
            Threads = 1,
        };
        using (var events = new EventWriter(folder.Events))
        {
            new CheckJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
        }

        return JsonSerializer.Deserialize<ModelCheck>(File.ReadAllText(folder.Check), ProtocolJson.Document)!;
    }

    private static WorkerState Train(RunFolder folder, TrainSpec spec)
    {
        using var events = new EventWriter(folder.Events);
        return new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
    }

    private RunFolder Folder(string name)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        return folder;
    }
}
