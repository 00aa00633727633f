using WebTrainer.Benchmarks.Drift;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Drift.Tests;

/// <summary>What is promised of false alarms and of power, on messages of a bank's customers. More sizes: benchmarks/drift.</summary>
public sealed class SimulationTests
{
    [Fact]
    [Trait("Category", "Long")]
    public void QuietWindows_RaiseAtMostOneInTwentyAlarms()
    {
        var simulated = new Simulated(Cut(removed: 0));
        Assert.InRange(Enumerable.Range(0, 60).Count(window => simulated.Look(500, window).IsAlarm), 0, 3);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void TypingErrorsInAFifthOfMessages_AreFoundWithinAThousand()
    {
        var report = new Simulated(Cut(removed: 0)).Look(1_000, 1, (messages, seed) => Changes.Typing(messages, 0.2, seed));
        Assert.True(report.Findings.Single(finding => finding.Measure == DriftMeasure.UnknownWords).IsAlarm);
    }

    /// <summary>Five intents are promised and missed (benchmarks/drift/README.md); this holds what there is.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public void TwentyIntentsThatTheSnapshotLacks_AreFoundWithinAThousand() =>
        Assert.True(new Simulated(Cut(removed: 20)).Look(1_000, 1).IsAlarm);

    private static BankMessages Cut(int removed) =>
        BankMessages.Cut(BankMessages.Read(SharedFiles.Find("data", "banking77", "train.csv")), removed, seed: 1);
}
