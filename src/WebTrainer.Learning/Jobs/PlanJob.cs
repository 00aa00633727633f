using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Tokenizing;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Finds what a training would do and take, by doing a few of its steps and throwing them away.</summary>
public sealed class PlanJob(RunContext context)
{
    private const int MeasuredSteps = 3;

    public void Run(CancellationToken cancellation)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var setup = TrainingSetup.Create(context.Spec, cancellation);
        var plan = Describe(setup, Measure(setup, cancellation));
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.WriteAllText(context.Folder.Plan, JsonSerializer.Serialize(plan, ProtocolJson.Document));
    }

    private static RunPlan Describe(TrainingSetup setup, (double TokensPerSecond, double SecondsPerStep) speed)
    {
        int[] lengths = [.. setup.Rows.Select(row => row.Tokens.Length).Order()];
        var trained = setup.Trainer.Parameters.Sum(parameter => parameter.Tensor.NumberOfElements);
        return new RunPlan
        {
            TrainRows = setup.Rows.Count,
            TokensPerEpoch = lengths.Sum(length => (long)length),
            LearnedTokensPerEpoch = setup.Rows.Sum(row => (long)row.LearnedTokens),
            TruncatedRows = setup.Rows.Count(row => row.Truncated),
            LongestRowTokens = lengths[^1],
            MedianRowTokens = lengths[lengths.Length / 2],
            TotalSteps = setup.Source.TotalSteps,
            TrainableParameters = trained,
            TotalParameters = setup.Model.ParameterCount + (setup.Adapter?.ParameterCount ?? 0),
            TokensPerSecond = speed.TokensPerSecond,
            PeakMemoryBytes = PeakMemory(),
            EstimatedSeconds = speed.SecondsPerStep * setup.Source.TotalSteps,
            FirstBatch = [.. setup.Source.BatchesOf(1)[0].Select(row => Show(row, setup.Encoder.Tokenizer))],
        };
    }

    /// <summary>Real steps at a learning rate of zero. The first warms up and is not timed.</summary>
    private static (double TokensPerSecond, double SecondsPerStep) Measure(TrainingSetup setup, CancellationToken cancellation)
    {
        var (tokens, seconds, timed) = (0L, 0.0, 0);
        for (var step = 1; step <= Math.Min(MeasuredSteps, setup.Source.TotalSteps); step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            var result = setup.Trainer.Step(step, setup.Source.BatchesOf(step), learningRate: 0);
            if (step > 1 || setup.Source.TotalSteps == 1)
            {
                (tokens, seconds, timed) = (tokens + result.Tokens, seconds + watch.Elapsed.TotalSeconds, timed + 1);
            }
        }

        return (tokens / seconds, seconds / timed);
    }

    private static PlannedRow Show(TokenRow row, TextTokenizer tokenizer) =>
        new(row.Id, [.. row.Tokens.Select((id, index) => new PlannedToken(id, Show(tokenizer.BytesOf(id)), index >= row.AnswerStart))]);

    private static string Show(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return $"⟨{Convert.ToHexStringLower(bytes)}⟩";
        }
    }

    /// <summary>Highest resident memory of this process so far, in bytes.</summary>
    private static long PeakMemory()
    {
        const string Status = "/proc/self/status";
        var line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null
            ? Process.GetCurrentProcess().PeakWorkingSet64
            : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }
}
