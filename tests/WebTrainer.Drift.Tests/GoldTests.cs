using System.Text.Json;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Drift.Tests;

/// <summary>Against Evidently, scipy and alibi-detect; see the file's own "source".</summary>
public sealed class GoldTests
{
    [Fact]
    public void Univariate_Gold_IsEqual()
    {
        var cases = Cases("univariate");
        Assert.NotEmpty(cases);
        foreach (var gold in cases)
        {
            var (reference, current) = (Numbers(gold, "ref"), Numbers(gold, "cur"));
            var psi = Psi.OfNumbers(reference, current);
            Assert.Equal(gold.GetProperty("psi").GetDouble(), psi.Value, 1e-8);
            Assert.Equal(gold.GetProperty("psi_bins").GetInt32(), psi.Bins);
            var test = KolmogorovSmirnov.Test(reference, current);
            Assert.Equal(gold.GetProperty("ks").GetDouble(), test.Statistic, 1e-8);
            Assert.Equal(1, test.PValue / gold.GetProperty("ks_p").GetDouble(), 1e-6);
            Assert.Equal(gold.GetProperty("wasserstein").GetDouble(), Wasserstein.Distance(reference, current), 1e-8);
        }
    }

    [Fact]
    public void MaximumMeanDiscrepancy_Gold_IsEqual()
    {
        var cases = Cases("mmd2");
        Assert.NotEmpty(cases);
        foreach (var gold in cases)
        {
            var squared = MaximumMeanDiscrepancy.Squared(Rows(gold, "X"), Rows(gold, "Y"), gold.GetProperty("rbf_sigma").GetDouble());
            Assert.Equal(gold.GetProperty("mmd2_unbiased").GetDouble(), squared, 1e-9);
        }
    }

    private static JsonElement[] Cases(string kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "drift.json")));
        return
        [
            .. document
                .RootElement.GetProperty("cases")
                .EnumerateArray()
                .Where(c => c.GetProperty("kind").GetString() == kind)
                .Select(c => c.Clone()),
        ];
    }

    private static double[] Numbers(JsonElement of, string name) => Numbers(of.GetProperty(name));

    private static double[] Numbers(JsonElement of) => [.. of.EnumerateArray().Select(number => number.GetDouble())];

    private static double[][] Rows(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray().Select(Numbers)];
}
