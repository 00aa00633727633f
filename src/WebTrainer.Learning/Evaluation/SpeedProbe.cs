using System.Diagnostics;
using System.Globalization;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Measures how fast a model answers real prompts: to the first token, from token to token, alone and eight at once.</summary>
internal sealed class SpeedProbe(ConversationEncoder encoder, IReadOnlyList<DatasetRow> rows, string device)
{
    private const int Prompts = 24,
        NewTokens = 32,
        Together = 8,
        Rounds = 3;
    private const string EnergyFolder = "/sys/class/powercap";

    public SpeedFigures Run(string name, ILanguageModel model, CancellationToken cancellationToken)
    {
        model.Training = false;
        using var _ = inference_mode();
        List<IReadOnlyList<int>> prompts =
        [
            .. rows.Take(Prompts)
                .Select(row =>
                    (IReadOnlyList<int>)
                        [.. encoder.EncodePrompt(row.Messages.SkipLast(1)).TakeLast(Math.Max(1, model.Config.PromptRoom(NewTokens)))]
                ),
        ];
        AvailableMemory.ResetPeak();
        Answer(model, [prompts[0]], cancellationToken); // the first call loads what later ones find loaded
        var alone = prompts.Select(prompt => Answer(model, [prompt], cancellationToken)).ToList();
        var energy = ReadEnergy();
        List<IReadOnlyList<int>> eight = [.. Enumerable.Range(0, Together).Select(i => prompts[i % prompts.Count])];
        var together = Enumerable.Range(0, Rounds).Select(_ => Answer(model, eight, cancellationToken)).ToList();
        var spent = ReadEnergy() - energy;
        var (first, next) = (alone.Select(times => times[0]).Order().ToList(), alone.SelectMany(times => times.Skip(1)).Order().ToList());
        return new(
            name,
            device,
            At(first, 0.5),
            At(first, 0.95),
            At(next, 0.5),
            At(next, 0.95),
            alone.Sum(times => times.Count) / alone.Sum(times => times.Sum()),
            together.Sum(times => times.Count * Together) / together.Sum(times => times.Sum()),
            AvailableMemory.OfProcess().Peak,
            spent is > 0 ? spent.Value / together.Sum(times => times.Count * Together) : null
        );
    }

    /// <returns>Seconds to each token.</returns>
    private static List<double> Answer(ILanguageModel model, List<IReadOnlyList<int>> prompts, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        var times = new List<double>();
        var (batch, logits) = DecodingBatch.Start(model, prompts);
        using var _ = batch;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var tokens = logits.argmax(-1).cpu().data<long>().ToArray().Select(id => (int)id).ToList();
            logits.Dispose();
            times.Add(watch.Elapsed.TotalSeconds);
            watch.Restart();
            if (times.Count == NewTokens || batch.LengthOf(0) >= model.Config.ContextTokens)
            {
                return times;
            }

            logits = batch.Step(tokens);
        }
    }

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];

    /// <summary>Joules that the processor's own counters have seen (RAPL); null where they are missing or not to be read.</summary>
    private static double? ReadEnergy()
    {
        try
        {
            var counters = Directory.Exists(EnergyFolder) ? Directory.GetDirectories(EnergyFolder, "intel-rapl:?") : [];
            return counters.Length == 0
                ? null
                : counters.Sum(folder =>
                    double.Parse(File.ReadAllText(Path.Combine(folder, "energy_uj")), CultureInfo.InvariantCulture) * 1e-6
                );
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }
}
