using System.Text.Json;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Tests.Fairness;

public sealed class FairnessTests : IDisposable
{
    private const double Tolerance = 1e-9;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Measures_AreThoseOfTheReference()
    {
        foreach (var gold in Gold.Cases("fairness"))
        {
            var cases = Cases(gold);
            var labels = gold.GetProperty("dataset");
            var found = FairnessMeasures.OfLabels(cases);
            Near(labels, "statistical_parity_difference", found.StatisticalParityDifference);
            Near(labels, "disparate_impact", found.DisparateImpact);

            var predictions = gold.GetProperty("pred_metrics");
            found = FairnessMeasures.OfPredictions(cases);
            Near(predictions, "statistical_parity_difference", found.StatisticalParityDifference);
            Near(predictions, "disparate_impact", found.DisparateImpact);
            Near(predictions, "equal_opportunity_difference", found.EqualOpportunityDifference);
            Near(predictions, "average_odds_difference", found.AverageOddsDifference);
            Near(predictions, "average_abs_odds_difference", found.AverageAbsoluteOddsDifference);
            Near(predictions, "theil_index", found.TheilIndex);
            Near(predictions, "generalized_entropy_alpha2", found.GeneralisedEntropy);
            Near(predictions, "accuracy", found.Accuracy);
        }
    }

    [Fact]
    public void Weights_AreThoseOfTheReference_AndMakeLabelsIndependent()
    {
        foreach (var gold in Gold.Cases("fairness"))
        {
            var cases = Cases(gold);
            var weights = Reweighing.Weights(cases.Select(c => (c.Privileged, c.Favourable, c.Weight)));
            var expected = gold.GetProperty("reweighing");
            Near(expected, "priv_fav", weights[(true, true)]);
            Near(expected, "priv_unfav", weights[(true, false)]);
            Near(expected, "unpriv_fav", weights[(false, true)]);
            Near(expected, "unpriv_unfav", weights[(false, false)]);
            var after = FairnessMeasures.OfLabels([
                .. cases.Select(c => c with { Weight = c.Weight * weights[(c.Privileged, c.Favourable)] }),
            ]);
            Near(expected, "spd_after", after.StatisticalParityDifference);
            Near(expected, "di_after", after.DisparateImpact);
        }
    }

    [Fact]
    public void Intervals_HoldTheFigure_AndNarrowWithMoreRows()
    {
        var (few, many) = (TwoShares.Difference(4, 10, 7, 10), TwoShares.Difference(400, 1000, 700, 1000));
        Assert.True(few.Low < many.Low && many.Low < -0.3 && -0.3 < many.High && many.High < few.High);
        Assert.True(TwoShares.Ratio(400, 1000, 700, 1000) is { Low: < 4 / 7.0, High: > 4 / 7.0 });
        Assert.Equal(0.2366, Wilson.Of(15, 40).Low, 2); // Wilson for 15 of 40: 0.243 to 0.530
        Assert.Equal(double.PositiveInfinity, TwoShares.Ratio(0, 10, 3, 10).High);
    }

    [Fact]
    public async Task Audit_ThenReweigh_TakesTheDifferenceAway_AndLeavesTestRowsAlone()
    {
        var version = await _folder.WriteAsync(
            Enumerable.Range(0, 1000).Select(i => Row(i, i % 2 == 0 ? "m" : "f", i % 2 == 0 ? i % 3 != 0 : i % 3 == 0, i % 10 == 0))
        );
        var before = await new BiasAuditor().AuditAsync(
            version.Path,
            new BiasQuestion("sex", null, "hired"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("m", before.Privileged);
        Assert.InRange(before.Labels.DisparateImpact, 0.4, 0.6);
        Assert.True(before.ImpactInterval.High < 0.8);

        var recipe = new CleanRecipe { Steps = [new ReweighStep { Column = "sex" }] };
        var report = await new Cleaner().ApplyAsync(
            version.Path,
            recipe,
            _folder.At("fair.parquet"),
            cancellationToken: TestContext.Current.CancellationToken
        );
        var rows = await report.Version.RowsAsync();
        var train = await _folder.WriteAsync(rows.Where(r => r.Split == DataSplit.Train), "train.parquet");
        var after = await new BiasAuditor().AuditAsync(
            train.Path,
            new BiasQuestion("sex", "m", "hired"),
            TestContext.Current.CancellationToken
        );
        Assert.InRange(after.Labels.DisparateImpact, 0.98, 1.02);
        Assert.Equal(100, rows.Count(r => r.Split == DataSplit.Test));
        Assert.InRange(report.SetAside, 1, 700);
    }

    [Fact]
    public async Task Audit_OfNamesOrOfOneGroup_IsRefused()
    {
        var version = await _folder.WriteAsync(Enumerable.Range(0, 100).Select(i => Row(i, $"person {i}", true, false)));
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            new BiasAuditor().AuditAsync(version.Path, new BiasQuestion("sex", null, "hired"), TestContext.Current.CancellationToken)
        );
        Assert.Contains("100 values", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DataProblemException>(() =>
            new BiasAuditor().AuditAsync(version.Path, new BiasQuestion("age", null, "hired"), TestContext.Current.CancellationToken)
        );
    }

    private static CanonicalRow Row(int i, string sex, bool hired, bool test) =>
        CanonicalRow.Create(
            Generated.Id(i),
            i + 1,
            null,
            $"Application {i}",
            hired ? "hired" : "rejected",
            hired ? "hired" : "rejected",
            test ? DataSplit.Test : DataSplit.Train
        ) with
        {
            Extra = new Dictionary<string, string> { ["sex"] = sex },
        };

    private static List<FairnessCase> Cases(JsonElement gold)
    {
        var (groups, labels, predictions, weights) = (Numbers("group"), Numbers("label"), Numbers("pred"), Numbers("instance_weights"));
        var (privileged, favourable) = (gold.GetProperty("privileged_value").GetDouble(), gold.GetProperty("favorable").GetDouble());
        return
        [
            .. Enumerable
                .Range(0, groups.Length)
                .Select(i => new FairnessCase(
                    groups[i].Equals(privileged),
                    labels[i].Equals(favourable),
                    predictions[i].Equals(favourable),
                    weights[i]
                )),
        ];

        double[] Numbers(string name) => [.. gold.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];
    }

    private static void Near(JsonElement expected, string name, double? found)
    {
        Assert.NotNull(found);
        Assert.InRange(found.Value - expected.GetProperty(name).GetDouble(), -Tolerance, Tolerance);
    }
}
