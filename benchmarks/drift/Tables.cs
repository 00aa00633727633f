using System.Globalization;
using WebTrainer.Drift;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>How often quiet windows raise alarms, and how often changes of several sizes are found, in Markdown.</summary>
internal sealed class Tables(IReadOnlyList<BankMessage> all, int snapshots, TextVectors? vectors)
{
    private const int QuietWindows = 60,
        QuietSnapshots = 2,
        QuietRows = 500,
        PowerSeed = 1_000;

    /// <summary>An alarm were each window allowed 1 in 40 by itself: on the average 1.5 of 60 quiet ones.</summary>
    private const double EachByItself = 0.025;
    private static readonly int[] s_sizes = [250, 500, 1_000];
    private readonly List<DriftReport> _quiet = [];
    private readonly Dictionary<string, List<DriftReport[]>> _found = [];

    public void Print()
    {
        for (var seed = 1; seed <= snapshots; seed++)
        {
            Measure(seed);
            Console.Error.WriteLine($"{seed} of {snapshots} snapshots");
        }

        PrintQuiet();
        Console.WriteLine();
        PrintPower();
    }

    private void Measure(int seed)
    {
        var whole = new Simulated(BankMessages.Cut(all, removed: 0, seed), vectors);
        if (seed <= QuietSnapshots)
        {
            _quiet.AddRange(Enumerable.Range(0, QuietWindows).Select(window => whole.Look(QuietRows, Seed(seed, window))));
        }

        foreach (var share in (double[])[0.05, 0.1, 0.2])
        {
            Look(whole, seed, $"typing errors in {share:P0} of messages", (messages, of) => Changes.Typing(messages, share, of));
        }

        foreach (var share in (double[])[0.05, 0.1, 0.2])
        {
            Look(whole, seed, $"{share:P0} of messages with another behind them", (messages, of) => Changes.Longer(messages, share, of));
        }

        foreach (var removed in (int[])[2, 5, 10, 20])
        {
            Look(new(BankMessages.Cut(all, removed, seed), vectors), seed, $"{removed} of 77 intents not in the snapshot", change: null);
        }
    }

    private void Look(Simulated at, int seed, string name, Func<IReadOnlyList<BankMessage>, long, IReadOnlyList<BankMessage>>? change)
    {
        _found.TryAdd(name, []);
        _found[name].Add([.. s_sizes.Select(size => at.Look(size, Seed(seed, PowerSeed), change))]);
    }

    private void PrintQuiet()
    {
        var periods = _quiet.Chunk(QuietWindows).ToArray();
        Console.WriteLine(
            $"{_quiet.Count(report => report.IsAlarm)} of {_quiet.Count} quiet windows of {QuietRows} requests raise an alarm, in "
                + $"{periods.Count(period => period.Any(report => report.IsAlarm))} of {periods.Length} periods of {QuietWindows}; "
                + $"{_quiet.Count(IsFoundByItself)} would, were each window allowed {EachByItself:P1} by itself."
        );
        Console.WriteLine();
        Console.WriteLine("| measure | p ≤ 5 % | p ≤ 1 % | p ≤ 0.1 % | smallest p |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (
            var measure in _quiet.SelectMany(report => report.Findings).GroupBy(finding => finding.Measure).OrderBy(group => group.Key)
        )
        {
            string Share(double level) =>
                measure.Average(finding => finding.PValue <= level ? 1.0 : 0).ToString("P1", CultureInfo.CurrentCulture);
            Console.WriteLine(
                $"| {measure.Key} | {Share(0.05)} | {Share(0.01)} | {Share(0.001)} | {measure.Min(finding => finding.PValue):G2} |"
            );
        }
    }

    private void PrintPower()
    {
        Console.WriteLine($"| change | {string.Join(" | ", s_sizes.Select(size => $"{size} requests"))} | found by |");
        Console.WriteLine($"| --- |{string.Concat(s_sizes.Select(_ => " --- |"))} --- |");
        foreach (var (name, reports) in _found)
        {
            var found = s_sizes.Select(
                (_, i) => $"{reports.Count(of => of[i].IsAlarm)} ({reports.Count(of => IsFoundByItself(of[i]))}) of {snapshots}"
            );
            var by = reports
                .SelectMany(of => of.SelectMany(report => report.Findings))
                .Where(finding => finding.IsAlarm)
                .CountBy(finding => finding.Measure)
                .OrderByDescending(pair => pair.Value)
                .Select(pair => $"{pair.Key} {pair.Value}");
            Console.WriteLine($"| {name} | {string.Join(" | ", found)} | {string.Join(", ", by)} |");
        }
    }

    private static bool IsFoundByItself(DriftReport report) => report.Findings.Any(finding => finding.CorrectedP <= EachByItself);

    private static long Seed(int snapshot, int window) => (snapshot * 10_000L) + window;
}
