using System.Text.Json;
using CsCheck;

namespace WebTrainer.Labeling.Tests;

/// <summary>Against scikit-learn, statsmodels, nltk and fast-krippendorff; see the file's own "source".</summary>
public sealed class AgreementTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<int> Cases => [0, 1, 2, 3, 4];

    [Fact]
    public void AlphaInterval_HoldsAlpha_NarrowsWithItems_AndIsTheSameAgain()
    {
        var (few, many) = (Noisy(50), Noisy(2000));
        var (narrow, wide) = (
            KrippendorffAlpha.Interval(many, MeasurementLevel.Nominal, 1)!.Value,
            KrippendorffAlpha.Interval(few, MeasurementLevel.Nominal, 1)!.Value
        );
        Assert.InRange(KrippendorffAlpha.Compute(many, MeasurementLevel.Nominal)!.Value, narrow.Low, narrow.High);
        Assert.InRange(KrippendorffAlpha.Compute(few, MeasurementLevel.Nominal)!.Value, wide.Low, wide.High);
        Assert.True(narrow.High - narrow.Low < (wide.High - wide.Low) / 3);
        Assert.Equal(wide, KrippendorffAlpha.Interval(few, MeasurementLevel.Nominal, 1)!.Value);
        Assert.Null(
            KrippendorffAlpha.Interval(
                Ratings.OfLabels([
                    ["a", null],
                    [null, "b"],
                ]),
                MeasurementLevel.Nominal,
                1
            )
        );

        static Ratings Noisy(int items)
        {
            var random = new Random(9);
            var truth = Enumerable.Range(0, items).Select(_ => random.Next(3)).ToList();
            return Ratings.OfLabels([
                .. Enumerable
                    .Range(0, 3)
                    .Select(_ =>
                        (IReadOnlyList<string?>)[.. truth.Select(t => (random.NextDouble() < 0.8 ? t : random.Next(3)).ToString())]
                    ),
            ]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void CohenKappa_Gold_IsEqual(int number)
    {
        var (gold, ratings, _) = Read(number);

        foreach (var weights in Enum.GetValues<KappaWeights>())
        {
            Assert.Equal(Number(gold, "cohen_01", weights.ToString()), CohenKappa.Compute(ratings, 0, 1, weights)!.Value, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void FleissKappa_Gold_IsEqual(int number)
    {
        var (gold, ratings, _) = Read(number);

        Assert.Equal(gold.GetProperty("fleiss").GetDouble(), FleissKappa.Compute(ratings)!.Value, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void KrippendorffAlpha_Gold_IsEqualWithAndWithoutGaps(int number)
    {
        var (gold, ratings, gaps) = Read(number);

        foreach (var level in Enum.GetValues<MeasurementLevel>())
        {
            Assert.Equal(Number(gold, "alpha_full", level.ToString()), KrippendorffAlpha.Compute(ratings, level)!.Value, Tolerance);
            Assert.Equal(Number(gold, "alpha_missing", level.ToString()), KrippendorffAlpha.Compute(gaps, level)!.Value, Tolerance);
        }
    }

    [Fact]
    public void All_FullAgreement_IsOne()
    {
        var ratings = Ratings.OfLabels([
            ["a", "b", "c"],
            ["a", "b", "c"],
        ]);

        Assert.Equal(1, PercentAgreement.Compute(ratings));
        Assert.Equal(1, CohenKappa.Compute(ratings, 0, 1));
        Assert.Equal(1, FleissKappa.Compute(ratings));
        Assert.Equal(1, KrippendorffAlpha.Compute(ratings, MeasurementLevel.Nominal));
    }

    [Fact]
    public void All_OneCategory_IsUndefinedNotPerfect()
    {
        var ratings = Ratings.OfLabels([
            ["a", "a"],
            ["a", "a"],
        ]);

        Assert.Equal(1, PercentAgreement.Compute(ratings));
        Assert.Null(CohenKappa.Compute(ratings, 0, 1));
        Assert.Null(FleissKappa.Compute(ratings));
        Assert.Null(KrippendorffAlpha.Compute(ratings, MeasurementLevel.Nominal));
    }

    [Fact]
    public void All_NothingInCommon_IsUndefined()
    {
        var ratings = Ratings.OfLabels([
            ["a", null],
            [null, "b"],
        ]);

        Assert.Null(PercentAgreement.Compute(ratings));
        Assert.Null(CohenKappa.Compute(ratings, 0, 1));
        Assert.Null(KrippendorffAlpha.Compute(ratings, MeasurementLevel.Nominal));
        Assert.Throws<ArgumentException>(() => FleissKappa.Compute(ratings));
    }

    [Fact]
    public void PercentAgreement_Gaps_CountsPairsOnly()
    {
        // Item 1: one equal pair of three; item 2: one pair, equal; item 3: no pair.
        var ratings = Ratings.OfLabels([
            ["a", "b", "c"],
            ["a", "b", null],
            ["b", null, null],
        ]);

        Assert.Equal(0.5, PercentAgreement.Compute(ratings));
    }

    [Fact]
    public void Ratings_RowsOfDifferentLength_AreRefused() =>
        Assert.Throws<ArgumentException>(() =>
            Ratings.OfLabels([
                ["a"],
                ["a", "b"],
            ])
        );

    [Fact]
    public void KrippendorffAlpha_RatersInAnyOrder_IsTheSame() =>
        Gen.Int[0, 4]
            .Select(i => i == 4 ? (double?)null : i)
            .Array[8]
            .Array[2, 5]
            .Sample(table =>
            {
                var there = KrippendorffAlpha.Compute(Ratings.OfPoints(table), MeasurementLevel.Interval);
                var back = KrippendorffAlpha.Compute(Ratings.OfPoints([.. table.Reverse()]), MeasurementLevel.Interval);
                return there is null ? back is null : Math.Abs(there.Value - back!.Value) < Tolerance && there <= 1;
            });

    private static (JsonElement Gold, Ratings Full, Ratings Gaps) Read(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Gold", "agreement.json")));
        var gold = document.RootElement.GetProperty("cases")[number].Clone();
        return (gold, Table(gold.GetProperty("ratings")), Table(gold.GetProperty("ratings_missing")));
    }

    private static Ratings Table(JsonElement rows) => Ratings.OfPoints(rows.Deserialize<double?[][]>()!);

    private static double Number(JsonElement gold, string group, string name) =>
        gold.GetProperty(group).GetProperty(name.ToLowerInvariant()).GetDouble();
}
