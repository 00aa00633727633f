namespace WebTrainer.Labeling.Tests;

/// <summary>Marks and rankings against Krippendorff's α on the same values written out one by one, which has gold of its own.</summary>
public sealed class SpanAndRankTests
{
    private const int Seed = 1;

    [Fact]
    public void Spans_AnyMarks_EqualTheAlphaOfSingleCharacters()
    {
        var random = new Random(5);
        var texts = Enumerable.Range(0, 12).Select(_ => Text(random, length: random.Next(5, 40), raters: random.Next(2, 5))).ToList();
        var labels = Enumerable
            .Range(0, 4)
            .Select(rater =>
                (IReadOnlyList<string?>)
                    [
                        .. texts.SelectMany(t =>
                            Enumerable.Range(0, t.Length).Select(at => rater < t.Raters.Count ? ValueAt(t.Raters[rater], at) : null)
                        ),
                    ]
            )
            .ToList();

        Assert.Equal(
            KrippendorffAlpha.Compute(Ratings.OfLabels(labels), MeasurementLevel.Nominal)!.Value,
            SpanAlpha.Compute(texts, Seed).Alpha!.Value,
            1e-9
        );
    }

    [Fact]
    public void Spans_TheSameMarks_AreFullAgreement_AndAShiftedOneIsLess()
    {
        var same = new MarkedText(
            20,
            [
                [new(3, 9, "drug")],
                [new(3, 9, "drug")],
            ]
        );
        var shifted = new MarkedText(
            20,
            [
                [new(3, 9, "drug")],
                [new(5, 9, "drug")],
            ]
        );
        Assert.Equal(1, SpanAlpha.Compute([same], Seed).Alpha!.Value, 1e-12);
        Assert.InRange(SpanAlpha.Compute([shifted], Seed).Alpha!.Value, 0.5, 0.95);
    }

    [Fact]
    public void Spans_MarkedAtRandom_AreChance()
    {
        var random = new Random(7);
        // Each word of five letters by the toss of a coin: longer marks would meet more often in the middle.
        IReadOnlyList<Mark> Tossed() =>
            [
                .. Enumerable
                    .Range(0, 12)
                    .Where(_ => random.Next(2) == 0)
                    .Select(word => new Mark(word * 5, (word + 1) * 5, random.Next(2) == 0 ? "x" : "y")),
            ];
        var texts = Enumerable.Range(0, 2_000).Select(_ => new MarkedText(60, [Tossed(), Tossed()])).ToList();
        var (alpha, interval) = SpanAlpha.Compute(texts, Seed);
        Assert.InRange(alpha!.Value, -0.03, 0.03);
        Assert.InRange(0, interval!.Value.Low, interval.Value.High);
    }

    [Fact]
    public void Spans_NothingMarkedByAnybody_IsUndefined() =>
        Assert.Null(
            SpanAlpha
                .Compute(
                    [
                        new MarkedText(
                            10,
                            [
                                [],
                                [],
                            ]
                        ),
                    ],
                    Seed
                )
                .Alpha
        );

    [Fact]
    public void Ranks_AnyOrders_EqualTheIntervalAlphaOfSingleRanks()
    {
        var random = new Random(2);
        var items = Enumerable.Range(0, 15).Select(_ => Orders(random, things: 4, raters: 3)).ToList();
        var points = Enumerable
            .Range(0, 3)
            .Select(rater =>
                (IReadOnlyList<double?>)
                    [.. items.SelectMany(item => Enumerable.Range(0, 4).Select(thing => (double?)item[rater].ToList().IndexOf($"{thing}")))]
            )
            .ToList();

        Assert.Equal(
            KrippendorffAlpha.Compute(Ratings.OfPoints(points), MeasurementLevel.Interval)!.Value,
            RankAlpha.Compute(items, Seed).Alpha!.Value,
            1e-9
        );
    }

    [Fact]
    public void Ranks_SameOppositeAndRandomOrders_AreOneMinusOneAndChance()
    {
        IReadOnlyList<string> order = ["a", "b", "c", "d"];
        IReadOnlyList<string> reversed = ["d", "c", "b", "a"];
        var random = new Random(3);
        Assert.Equal(
            1,
            RankAlpha.Compute([.. Enumerable.Repeat<IReadOnlyList<IReadOnlyList<string>>>([order, order], 50)], Seed).Alpha!.Value,
            1e-12
        );
        Assert.InRange(
            RankAlpha.Compute([.. Enumerable.Repeat<IReadOnlyList<IReadOnlyList<string>>>([order, reversed], 50)], Seed).Alpha!.Value,
            -1.01,
            -0.95
        );
        Assert.InRange(
            RankAlpha.Compute([.. Enumerable.Range(0, 2_000).Select(_ => Orders(random, 4, 3))], Seed).Alpha!.Value,
            -0.05,
            0.05
        );
    }

    [Fact]
    public void Ranks_ByTwoPeople_AreSpearmansRho()
    {
        var random = new Random(4);
        var items = Enumerable.Range(0, 4_000).Select(_ => Orders(random, 5, 2)).ToList();
        // half of them agree, so that ρ is about one half
        items.AddRange(items.Select(i => (IReadOnlyList<IReadOnlyList<string>>)[i[0], i[0]]).ToList());
        var rho = items.Average(i => 1 - (6 * i[0].Index().Sum(t => Math.Pow(t.Index - i[1].ToList().IndexOf(t.Item), 2)) / (5 * 24)));
        Assert.Equal(rho, RankAlpha.Compute(items, Seed).Alpha!.Value, 1e-3);
    }

    private static MarkedText Text(Random random, int length, int raters) =>
        new(
            length,
            [
                .. Enumerable
                    .Range(0, raters)
                    .Select(_ =>
                        (IReadOnlyList<Mark>)
                            [
                                .. Enumerable
                                    .Range(0, random.Next(0, 4))
                                    .Select(_ =>
                                    {
                                        var start = random.Next(length);
                                        return new Mark(start, random.Next(start + 1, length + 1), random.Next(2) == 0 ? "x" : "y");
                                    }),
                            ]
                    ),
            ]
        );

    private static string ValueAt(IReadOnlyList<Mark> marks, int at) =>
        "at:" + string.Join('+', marks.Where(m => m.Start <= at && at < m.End).Select(m => m.Label).Distinct().Order());

    private static IReadOnlyList<IReadOnlyList<string>> Orders(Random random, int things, int raters) =>
        [
            .. Enumerable
                .Range(0, raters)
                .Select(_ =>
                {
                    var order = Enumerable.Range(0, things).Select(t => $"{t}").ToArray();
                    random.Shuffle(order);
                    return (IReadOnlyList<string>)order;
                }),
        ];
}
