using WebTrainer.Embedding;
using WebTrainer.Statistics;

namespace WebTrainer.Drift.Tests;

public sealed class MonitorTests
{
    private static readonly string[] s_subjects = ["card", "account", "transfer", "payment", "fee", "limit", "statement", "branch"];
    private static readonly string[] s_verbs = ["lost", "blocked", "missing", "late", "wrong", "declined", "pending", "doubled"];

    [Fact]
    public void Look_AtRowsAsTheReferences_RaisesNoAlarm()
    {
        var report = Monitor().Look(Rows(100, seed: 2));
        Assert.False(report.IsAlarm);
        Assert.Equal((400, 100), (report.ReferenceRows, report.WindowRows));
        Assert.Equal(Enum.GetValues<DriftMeasure>().Except([DriftMeasure.Languages]), report.Findings.Select(finding => finding.Measure));
        Assert.All(report.Findings, finding => Assert.EndsWith(".", finding.Sentence, StringComparison.Ordinal));
        Assert.All(report.Findings, finding => Assert.Equal(5, finding.ExampleIds.Count));
    }

    [Fact]
    public void Look_AtLongerTexts_SaysTheMedians()
    {
        DriftRow[] window = [.. Rows(100, seed: 2).Select(row => row with { Text = $"{row.Text} {row.Text}" })];
        var finding = Found(Monitor().Look(window), DriftMeasure.Length);
        Assert.True(finding.IsAlarm);
        Assert.Equal("Texts are longer than those of the reference: median 10 words, was 5.", finding.Sentence);
        Assert.Equal(5, finding.Moved!.Value, 1e-9);
    }

    [Fact]
    public void Look_AtANewTopic_NamesItsWordsAndRows()
    {
        DriftRow[] window =
        [
            .. Rows(80, seed: 2),
            .. Enumerable.Range(0, 20).Select(i => new DriftRow($"new {i}", $"buy bitcoin shares now {i % 4}")),
        ];
        var report = Monitor().Look(window);
        var words = Found(report, DriftMeasure.UnknownWords);
        Assert.True(words.IsAlarm);
        Assert.Contains("“bitcoin”", words.Sentence, StringComparison.Ordinal);
        var topics = Found(report, DriftMeasure.Topics);
        Assert.True(topics.IsAlarm);
        Assert.StartsWith(
            "About 20 % of the texts speak of a topic that the reference hardly has",
            topics.Sentence,
            StringComparison.Ordinal
        );
        Assert.All(words.ExampleIds.Concat(topics.ExampleIds), id => Assert.StartsWith("new ", id, StringComparison.Ordinal));
        Assert.True(Found(report, DriftMeasure.Phrases).IsAlarm);
    }

    [Fact]
    public void Look_AtOtherLabelsAndConfidences_SaysTheirShares()
    {
        DriftRow[] window = [.. Rows(200, seed: 2).Select(row => row with { Label = "card", Confidence = row.Confidence / 2 })];
        var report = Monitor(embed: false).Look(window);
        Assert.StartsWith(
            "Labels have other shares: “card” 100 % of the rows, was 1",
            Found(report, DriftMeasure.Labels).Sentence,
            StringComparison.Ordinal
        );
        Assert.StartsWith("The model is less sure than it was", Found(report, DriftMeasure.Confidence).Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(report.Findings, finding => finding.Measure == DriftMeasure.Meaning);
        Assert.Equal([true, true, false], report.Findings.Take(3).Select(finding => finding.IsAlarm));
    }

    /// <summary>Twins on both sides are told from each other by nothing.</summary>
    [Fact]
    public void Look_AtTheReferenceItself_RaisesNoAlarm()
    {
        var embedder = new TextEmbedder();
        DriftRow[] rows = [.. Enumerable.Range(0, 500).Select(i => new DriftRow($"{i}", $"Message number {2 * i}") { Label = $"{i % 2}" })];
        Array.ForEach(rows, row => embedder.Learn(row.Text));
        var settings = new DriftSettings
        {
            Spending = new() { Windows = 1 },
            Draws = 999,
            Embed = texts => [.. texts.Select(text => Vector(embedder, text))],
        };
        Assert.DoesNotContain(new DriftMonitor(rows, settings).Look(rows).Findings, finding => finding.IsAlarm);
    }

    [Fact]
    public void Look_SameRowsAndSeed_SaysTheSame()
    {
        var (first, second) = (Monitor().Look(Rows(60, seed: 3)), Monitor().Look(Rows(60, seed: 3)));
        Assert.Equal(
            first.Findings.Select(finding => (finding.Value, finding.PValue, finding.Sentence)),
            second.Findings.Select(finding => (finding.Value, finding.PValue, finding.Sentence))
        );
    }

    [Fact]
    public void Unknown_IsAWordThatNoOtherTextHas()
    {
        var vocabulary = new Vocabulary(["my card", "my card", "Lost card"]);
        Assert.Equal(["my"], vocabulary.UnknownOf("my card"));
        Assert.Equal(["lost"], vocabulary.UnknownOf("Lost card"));
        Assert.Equal(["new"], vocabulary.UnknownOf("My new LOST card"));
        Assert.Equal(0, vocabulary.ShareOfUnknown("?!"));
        Assert.Equal(["کارت", "من"], Vocabulary.Words("کارت، من!"));
    }

    [Fact]
    public void WhatCannotBeLookedAt_IsRefusedByASentence()
    {
        Assert.Contains("window has 3 rows", Refused(() => Monitor().Look(Rows(3, 1))), StringComparison.Ordinal);
        Assert.Contains("reference has 0 rows", Refused(() => new DriftMonitor([], new())), StringComparison.Ordinal);
        Assert.Contains(
            "take at least 10799",
            Refused(() => new DriftMonitor(Rows(20, 1), new() { Draws = 999 })),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "gave 1 vectors of 20 texts",
            Refused(() =>
                new DriftMonitor(
                    Rows(20, 1),
                    new()
                    {
                        Embed = _ =>
                            [
                                [1],
                            ],
                    }
                )
            ),
            StringComparison.Ordinal
        );

        static string Refused(Func<object> act) => Assert.Throws<NotComparableException>(() => act()).Message;
    }

    private static DriftFinding Found(DriftReport report, DriftMeasure measure) =>
        report.Findings.Single(finding => finding.Measure == measure);

    private static DriftMonitor Monitor(bool embed = true)
    {
        var embedder = new TextEmbedder();
        var reference = Rows(400, seed: 1);
        foreach (var row in reference)
        {
            embedder.Learn(row.Text);
        }

        return new(reference, new() { Embed = embed ? texts => [.. texts.Select(text => Vector(embedder, text))] : null });
    }

    private static float[] Vector(TextEmbedder embedder, string text)
    {
        var bytes = new sbyte[TextEmbedder.Dimensions];
        embedder.Embed(text, bytes);
        return [.. bytes.Select(value => (float)value)];
    }

    private static DriftRow[] Rows(int count, long seed)
    {
        var random = SplitMix.Of(seed, 1);
        string Pick(string[] from) => from[random.Below(from.Length)];
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    var subject = Pick(s_subjects);
                    return new DriftRow($"{i}", $"my {subject} is {Pick(s_verbs)} {Pick(s_verbs)}")
                    {
                        Label = subject,
                        Confidence = random.Share(),
                    };
                }),
        ];
    }
}
