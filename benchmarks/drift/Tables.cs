using WebTrainer.Drift;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>How often quiet windows raise alarms, and how often changes of several sizes are found, in Markdown.</summary>
internal sealed class Tables(IReadOnlyList<BankMessage> all, int snapshots)
{
    private const int QuietWindows = 60;
    private static readonly int[] s_sizes = [100, 250, 500, 1_000];

    public void Print()
    {
        Quiet();
        Console.WriteLine();
        Console.WriteLine($"| change | {string.Join(" | ", s_sizes.Select(size => $"{size:N0} requests"))} | found most often by |");
        Console.WriteLine($"| --- |{string.Concat(s_sizes.Select(_ => " --- |"))} --- |");
        foreach (var removed in (int[])[1, 2, 3, 5, 10])
        {
            Power($"{removed} of 77 intents not in the snapshot", removed, change: null);
        }

        foreach (var share in (double[])[0.05, 0.1, 0.2, 0.5])
        {
            Power($"typing errors in {share:P0} of messages", 0, (messages, seed) => Changes.Typing(messages, share, seed));
        }

        foreach (var share in (double[])[0.05, 0.1, 0.2])
        {
            Power($"{share:P0} of messages twice as long", 0, (messages, seed) => Changes.Longer(messages, share, seed));
        }
    }

    private void Quiet()
    {
        var reports = Snapshots(0).SelectMany(s => Enumerable.Range(0, QuietWindows).Select(window => s.Simulated.Look(500, Seed(s.Seed, window)))).ToArray();
        var alarms = reports.Count(report => report.IsAlarm);
        var runs = reports.Chunk(QuietWindows).Count(run => run.Any(report => report.IsAlarm));
        Console.WriteLine($"Quiet: {alarms} of {reports.Length:N0} windows of 500 requests raise an alarm; {runs} of {snapshots} periods of {QuietWindows} windows have one.");
        Console.WriteLine();
        Console.WriteLine("| measure | quiet windows with p ≤ 5 % | p ≤ 1 % | p ≤ 0.1 % | smallest p |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var measure in reports.SelectMany(report => report.Findings).GroupBy(finding => finding.Measure).OrderBy(group => group.Key))
        {
            double Share(double level) => measure.Average(finding => finding.PValue <= level ? 1.0 : 0);
            Console.WriteLine($"| {measure.Key} | {Share(0.05):P1} | {Share(0.01):P1} | {Share(0.001):P2} | {measure.Min(finding => finding.PValue):G2} |");
        }
    }

    private void Power(string name, int removed, Func<IReadOnlyList<BankMessage>, long, IReadOnlyList<BankMessage>>? change)
    {
        var reports = Snapshots(removed).Select(s => s_sizes.Select(size => s.Simulated.Look(size, Seed(s.Seed, 1000), change)).ToArray()).ToArray();
        var found = s_sizes.Select((_, i) => $"{reports.Count(of => of[i].IsAlarm)} of {snapshots}");
        var by = reports
            .SelectMany(of => of.SelectMany(report => report.Findings))
            .Where(finding => finding.IsAlarm)
            .CountBy(finding => finding.Measure)
            .OrderByDescending(pair => pair.Value)
            .Take(2)
            .Select(pair => pair.Key.ToString());
        Console.WriteLine($"| {name} | {string.Join(" | ", found)} | {string.Join(", ", by)} |");
    }

    private IEnumerable<(Simulated Simulated, int Seed)> Snapshots(int removed) =>
        Enumerable.Range(1, snapshots).Select(seed => (new Simulated(BankMessages.Cut(all, removed, seed)), seed));

    private static long Seed(int snapshot, int window) => (snapshot * 10_000L) + window;
}
