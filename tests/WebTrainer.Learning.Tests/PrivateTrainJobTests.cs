using System.Text.Json;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Privacy;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>A training with a privacy budget, from its spec to its events.</summary>
[Trait("Category", "Slow")]
public sealed class PrivateTrainJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_KilledAndResumed_IsBitEqual_AndKeepsItsAccount(bool secure)
    {
        var spec = Spec(Rdp(8) with { SecureNoise = secure });
        var broken = Folder("broken");
        RunUntil(broken, spec, 5);
        Assert.Equal(secure, File.Exists(KeyOf(broken)));
        var unbroken = Folder("unbroken");
        if (secure)
        {
            // Two runs never have the same key: the unbroken one gets that of the broken one.
            Directory.CreateDirectory(unbroken.Checkpoints);
            File.Copy(KeyOf(broken), KeyOf(unbroken));
        }

        Assert.Equal(WorkerState.Completed, Run(unbroken, spec));
        Assert.Equal(WorkerState.Completed, Run(broken, spec));
        Assert.Equal(Weights(unbroken), Weights(broken));
        Assert.Equal(Spent(unbroken)[^1] with { Seq = 0, Time = default }, Spent(broken)[^1] with { Seq = 0, Time = default });
        Assert.False(File.Exists(KeyOf(broken)));
        if (secure)
        {
            Assert.NotEqual(Weights(unbroken), Weights(Completed("other", spec)));
        }
    }

    [Fact]
    public void Run_WithABudget_SpendsNearlyAllOfItOverItsSteps_AndNeverMore()
    {
        var folder = Completed("run", Spec(new PrivacySpec { Epsilon = 3 }));
        var spent = Spent(folder);
        Assert.Equal(0, spent[0].Epsilon);
        Assert.Equal(spent.Select(entry => entry.Epsilon).Order(), spent.Select(entry => entry.Epsilon));
        Assert.Equal((12, 3, 1.0 / 48), (spent[^1].Step, spent[^1].Budget, spent[^1].Delta));
        Assert.InRange(spent[^1].Epsilon, 2.9, 3);
        Assert.Equal(8.0 / 48, spent[^1].SampleRate);
    }

    [Theory]
    [InlineData(PrivacyAccountant.Pld)]
    [InlineData(PrivacyAccountant.Rdp)]
    public void Run_WhoseNoiseIsTooSmallForAllSteps_EndsBeforeTheBudgetIsPassed_AndSaysSo(PrivacyAccountant accountant)
    {
        var spec = Spec(
            new PrivacySpec
            {
                Epsilon = 4,
                Delta = 1e-3,
                NoiseMultiplier = 0.7,
                Accountant = accountant,
            }
        );
        var folder = Completed("run", spec);
        var (last, spent) = (Events(folder).OfType<StepEvent>().Last().Step, Spent(folder)[^1]);
        Assert.InRange(last, 1, 11);
        Assert.Equal(last, spent.Step);
        Assert.InRange(spent.Epsilon, 2, 4);
        Assert.Contains(
            Events(folder).OfType<LogEvent>(),
            log => log.Message.StartsWith($"The run ends after step {last} of 12", StringComparison.Ordinal)
        );
        Assert.True(File.Exists(Path.Combine(folder.Adapter, "adapter_model.safetensors")));
        Assert.Equal(WorkerState.Completed, Run(folder, spec)); // over is over, also after a restart
        Assert.Equal(last, Events(folder).OfType<StepEvent>().Last().Step);
    }

    [Fact]
    public void Run_ByGroups_ProtectsThem_AndRefusesARowWithoutOne()
    {
        var groups = TinyModel.Rows(48).Select((row, i) => new GroupedRow(row.Id, $"patient {i / 6}")).ToList();
        var spec = Spec(Rdp(8) with { GroupColumn = "patient" });
        spec = spec with { Training = spec.Training with { MicroBatch = 4, Accumulation = 1 } };
        Assert.Contains(
            "'patient'",
            Assert.Throws<Batching.DataException>(() => Run(Folder("none"), spec)).Message,
            StringComparison.Ordinal
        );
        var folder = Completed("run", With(spec, groups));
        Assert.Equal(("patient", 4.0 / 8, 1.0 / 8), (Spent(folder)[^1].Group, Spent(folder)[^1].SampleRate, Spent(folder)[^1].Delta));
        var refusal = Assert.Throws<Batching.DataException>(() => Run(Folder("fewer"), With(spec, groups[1..])));
        Assert.Contains("Row r0 has no 'patient'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OfAFewRows_GoesThroughStepsThatTakeNobody()
    {
        var spec = Spec(Rdp(8));
        spec = spec with { Training = spec.Training with { MicroBatch = 1, Accumulation = 1, MaxSteps = 30 } };
        var folder = Completed("run", spec);
        Assert.InRange(Events(folder).OfType<StepEvent>().Count(), 5, 29);
        Assert.Equal(30, Spent(folder)[^1].Step);
    }

    [Fact]
    public void Plan_OfAPrivateRun_SaysNoiseAndWhatIsSpent()
    {
        var folder = Folder("plan");
        using (var events = new EventWriter(folder.Events))
        {
            new PlanJob(TestJobs.Context(folder, new PlanSpec(Spec(new PrivacySpec { Epsilon = 3 })), events)).Run(
                TestContext.Current.CancellationToken
            );
        }

        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(folder.Plan), ProtocolJson.Document)!.Privacy!;
        Assert.Equal((48, 12, 8.0 / 48, 1.0 / 48), (plan.Units, plan.Steps, plan.SampleRate, plan.Delta));
        Assert.InRange(plan.Epsilon, 2.9, 3);
        Assert.InRange(plan.NoiseMultiplier, 0.5, 2);
    }

    [Fact]
    public void Run_ThatGoesOnFromAnotherAdapter_IsRefused()
    {
        var spec = Spec(new PrivacySpec { Epsilon = 3 });
        spec = spec with { StartsFrom = new StartAdapter("run-1", _folder.File("nowhere"), "0") };
        spec = spec with { BaseModelSha256 = null };
        var refusal = Assert.ThrowsAny<Exception>(() => Tuning.Of(spec, TinyModel.Rows(2)));
        Assert.Contains("A private run begins with a fresh adapter", refusal.Message, StringComparison.Ordinal);
    }

    private static string UnitOf(Batching.TokenRow row) => $"{int.Parse(row.Id, System.Globalization.CultureInfo.InvariantCulture) / 6}";

    /// <summary>Each unit is in a step with its chance, independently of the others.</summary>
    [Fact]
    public void PoissonSource_TakesEachUnitAsOftenAsItsChanceSays()
    {
        List<Batching.TokenRow> rows = [.. Enumerable.Range(0, 60).Select(i => new Batching.TokenRow($"{i}", [1, 2, 3], 1))];
        var settings = new TrainingSettings
        {
            MicroBatch = 4,
            Accumulation = 1,
            Epochs = 1,
        };
        var source = new PoissonSource(
            rows,
            row => UnitOf(row), // ten units of six rows
            settings,
            new Batching.PromptDropout(0, _ => false, 1),
            PrivateRandom.OfSeed(3)
        );
        Assert.Equal((10, 4, 0.4), (source.Units, source.ExpectedUnits, source.SampleRate));
        const int Steps = 4000;
        var taken = new int[10];
        var together = 0;
        for (var step = 1; step <= Steps; step++)
        {
            var passes = source.BatchesOf(step);
            Assert.All(passes, pass => Assert.Equal(4, pass.Count)); // of a unit that is larger than a pass, a part
            var units = passes.Select(pass => UnitOf(pass[0])).ToList();
            Assert.All(passes.Zip(units), pair => Assert.All(pair.First, row => Assert.Equal(pair.Second, UnitOf(row))));
            foreach (var unit in units)
            {
                taken[unit[0] - '0']++;
            }

            together += units.Contains("0") && units.Contains("1") ? 1 : 0;
        }

        Assert.All(taken, times => Assert.InRange(times, Steps * 0.36, Steps * 0.44));
        Assert.InRange(together, Steps * 0.13, Steps * 0.19); // 0.4²
    }

    /// <summary>By the accountant that takes no time.</summary>
    private static PrivacySpec Rdp(double epsilon) => new() { Epsilon = epsilon, Accountant = PrivacyAccountant.Rdp };

    private static string KeyOf(RunFolder folder) => Path.Combine(folder.Checkpoints, "noise.key");

    private static byte[] Weights(RunFolder folder) => File.ReadAllBytes(Path.Combine(folder.Adapter, "adapter_model.safetensors"));

    private static List<PrivacyEvent> Spent(RunFolder folder) => [.. Events(folder).OfType<PrivacyEvent>()];

    private TrainSpec Spec(PrivacySpec privacy)
    {
        var spec = TinyModel.Spec(_folder);
        return spec with { Privacy = privacy, Training = spec.Training with { Samples = 0 } };
    }

    private TrainSpec With(TrainSpec spec, List<GroupedRow> groups)
    {
        var path = _folder.File($"groups-{groups.Count}.jsonl");
        File.WriteAllLines(path, groups.Select(row => JsonSerializer.Serialize(row, ProtocolJson.Line)));
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        return spec with { Data = spec.Data! with { Groups = new DatasetFile(path, hash, groups.Count) } };
    }

    private RunFolder Completed(string name, TrainSpec spec)
    {
        var folder = Folder(name);
        Assert.Equal(WorkerState.Completed, Run(folder, spec));
        return folder;
    }

    private RunFolder Folder(string name)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        return folder;
    }

    private static WorkerState Run(RunFolder folder, TrainSpec spec)
    {
        using var events = new EventWriter(folder.Events);
        return new TrainJob(TestJobs.Context(folder, spec, events)).Run(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends the run without a word once it reported the step, as a kill would.</summary>
    private static void RunUntil(RunFolder folder, TrainSpec spec, int step)
    {
        using var kill = new CancellationTokenSource();
        using var events = new EventWriter(
            folder.Events,
            new EndingClock(() => Events(folder).OfType<StepEvent>().Any(entry => entry.Step == step), kill)
        );
        Assert.ThrowsAny<OperationCanceledException>(() => new TrainJob(TestJobs.Context(folder, spec, events)).Run(kill.Token));
    }

    private static List<RunEvent> Events(RunFolder folder)
    {
        using var stream = new FileStream(folder.Events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<RunEvent>(line, ProtocolJson.Line)!),
        ];
    }
}
