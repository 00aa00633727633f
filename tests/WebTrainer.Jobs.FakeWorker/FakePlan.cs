using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.FakeWorker;

/// <summary>Leaves a plan; <c>failing</c> says why not, <c>hanging</c> never ends.</summary>
internal static class FakePlan
{
    public static int Run(RunFolder folder, PlanSpec spec)
    {
        if (spec.BaseModel == "hanging")
        {
            Thread.Sleep(Timeout.Infinite);
        }

        if (spec.BaseModel == "failing")
        {
            return Fail(folder);
        }

        var plan = new RunPlan
        {
            TrainRows = 8,
            TokensPerEpoch = 100,
            LearnedTokensPerEpoch = 40,
            TruncatedRows = 0,
            LongestRowTokens = 20,
            MedianRowTokens = 12,
            TotalSteps = spec.Training.MaxSteps ?? 3,
            TrainableParameters = 10,
            TotalParameters = 100,
            TokensPerSecond = 1000,
            Device = Environment.GetEnvironmentVariable(DeviceName.Variable) ?? "none given",
            PeakMemoryBytes = 1 << 20,
            EstimatedSeconds = 1,
            FirstBatch = [],
        };
        AtomicFile.WriteAllText(folder.Plan, JsonSerializer.Serialize(plan, ProtocolJson.Document));
        return 0;
    }

    public static int Fail(RunFolder folder)
    {
        using var log = new EventLog(folder);
        log.Write(new FailureEvent("The base model has no config.json.", "Choose another base model."));
        return 1;
    }
}
