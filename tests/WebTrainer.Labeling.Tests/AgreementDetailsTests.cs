using System.Diagnostics;

namespace WebTrainer.Labeling.Tests;

public sealed class AgreementDetailsTests
{
    [Fact]
    public void Of_ThreePeople_TellsLabelsPairsAndConfusion()
    {
        // By hand: pairs of equal or other labels over four items.
        var details = AgreementDetails.Of(
            Ratings.OfLabels([
                ["a", "a", "b", "b"],
                ["a", "b", "b", null],
                ["a", null, "b", "a"],
            ])
        );
        Assert.Equal([6.0 / 8, 6.0 / 8], details.ByCategory.Select(v => v!.Value));
        Assert.Equal([6, 2], details.Confusion[0]);
        Assert.Equal([2, 6], details.Confusion[1]);
        Assert.Equal((3, 2.0 / 3), (details.Pairs[0].Items, details.Pairs[0].Share));
        Assert.Equal(1, details.Pairs[2].Share);
    }

    [Fact]
    public void Pairs_HaveCohensKappa()
    {
        var ratings = Ratings.OfLabels([
            ["a", "a", "b", "b", "c"],
            ["a", "b", "b", "b", "c"],
        ]);
        Assert.Equal(CohenKappa.Compute(ratings, 0, 1)!.Value, AgreementDetails.Of(ratings).Pairs[0].Kappa!.Value, 1e-12);
    }

    [Fact]
    public void Interval_ManyItems_IsAsNarrowAsTheExactBootstrapOfFew()
    {
        // Of four times as many items the interval is half as wide, whichever way the draws are made.
        double Width(int items)
        {
            var random = new Random(5);
            IReadOnlyList<string?> truth = [.. Enumerable.Range(0, items).Select(_ => random.Next(3).ToString())];
            IReadOnlyList<string?> Rater() => [.. truth.Select(t => random.NextDouble() < 0.8 ? t : random.Next(3).ToString())];
            var interval = KrippendorffAlpha.Interval(Ratings.OfLabels([Rater(), Rater(), Rater()]), MeasurementLevel.Nominal, 1)!.Value;
            return interval.High - interval.Low;
        }

        Assert.Equal(2, Width(4_500) / Width(18_000), 0.4);
    }
}
