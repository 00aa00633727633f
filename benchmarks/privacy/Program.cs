using System.Globalization;
using WebTrainer.Benchmarks.Privacy;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["training", var kind])
{
    TrainingMeasure.PrintPeak(kind == "private");
    return 0;
}

var measures = new Dictionary<string, Func<Task>>
{
    ["audit"] = AuditMeasure.RunAsync,
    ["sum"] = () => Task.Run(SumMeasure.Run),
    ["paillier"] = () => Task.Run(PaillierMeasure.Run),
    ["training"] = () => Task.Run(TrainingMeasure.Run),
};
if (args.Except(measures.Keys).Any())
{
    Console.Error.WriteLine($"Usage: PrivacyBenchmarks [{string.Join("|", measures.Keys)}]…");
    return 1;
}

foreach (var (name, measure) in measures)
{
    if (args.Length == 0 || args.Contains(name))
    {
        await measure();
    }
}

return 0;
