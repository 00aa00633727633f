using CsCheck;

namespace WebTrainer.Drift.Tests;

public sealed class DistanceTests
{
    private static readonly Gen<double[]> s_sample = Gen.Int[0, 9].Select(value => (double)value).Array[1, 7];

    /// <summary>All ways to deal the values, counted one by one.</summary>
    [Fact]
    public void KolmogorovSmirnov_WithoutTies_IsTheShareOfAllOrders() =>
        Gen.Select(Gen.Double[-1, 1].Array[1, 6], Gen.Double[-1, 1].Array[1, 6])
            .Where((a, b) => a.Concat(b).Distinct().Count() == a.Length + b.Length)
            .Sample(
                (reference, current) =>
                {
                    var test = KolmogorovSmirnov.Test(reference, current);
                    double[] all = [.. reference, .. current];
                    var choices = Enumerable.Range(0, 1 << all.Length).Where(bits => int.PopCount(bits) == reference.Length).ToArray();
                    var reached = choices.Count(bits =>
                    {
                        double[] one = [.. all.Where((_, i) => (bits >> i & 1) == 1)];
                        double[] other = [.. all.Where((_, i) => (bits >> i & 1) == 0)];
                        return KolmogorovSmirnov.Test(one, other).Statistic >= test.Statistic - 1e-12;
                    });
                    Assert.Equal((double)reached / choices.Length, test.PValue, 1e-12);
                },
                iter: 60
            );

    /// <summary>Beyond 10,000 values p is that of one sample; both ways are near each other where they meet.</summary>
    [Theory]
    [InlineData(10_000, 10_001, 0.02)]
    [InlineData(10_000, 10_001, 0.012)]
    [InlineData(10_000, 10_001, 0.005)]
    public void KolmogorovSmirnov_OfMany_GoesOnFromTheExact(int few, int many, double shift)
    {
        double[] Even(int count, double from) => [.. Enumerable.Range(0, count).Select(i => from + ((double)i / count))];
        var exact = KolmogorovSmirnov.Test(Even(few, 0), Even(few - 1, shift)).PValue;
        var far = KolmogorovSmirnov.Test(Even(few, 0), Even(many, shift)).PValue;
        Assert.Equal(1, far / exact, 0.08);
    }

    /// <summary>Critical values of Kolmogorov's statistic from tables (Massey, JASA 46, 1951; Miller, JASA 51, 1956): 5 % and 1
    /// %.</summary>
    [Theory]
    [InlineData(1, 0.97500, 0.05)]
    [InlineData(5, 0.56328, 0.05)]
    [InlineData(10, 0.40925, 0.05)]
    [InlineData(20, 0.29408, 0.05)]
    [InlineData(100, 0.13403, 0.05)]
    [InlineData(10, 0.48893, 0.01)]
    [InlineData(100, 0.16081, 0.01)]
    public void KolmogorovDistribution_AtCriticalValues_GivesTheirLevel(int count, double distance, double level) =>
        Assert.Equal(level, KolmogorovDistribution.Above(count, distance), 5e-5);

    /// <summary>The formulas for few, many and far values give the same where one takes over from the other.</summary>
    [Theory]
    [InlineData(140, 4.0)]
    [InlineData(141, 2.2)]
    [InlineData(5_000, 2.2)]
    public void KolmogorovDistribution_WhereFormulasMeet_IsContinuous(int count, double square)
    {
        var distance = Math.Sqrt(square / count);
        var (below, above) = (KolmogorovDistribution.Above(count, distance - 1e-9), KolmogorovDistribution.Above(count, distance + 1e-9));
        Assert.Equal(1, below / above, 1e-4);
    }

    [Fact]
    public void KolmogorovDistribution_SeriesAndMatrix_Agree()
    {
        // From 141 values on the series takes over where n·d^1.5 is above 1.4.
        var distance = Math.Pow(1.4 / 2_000, 2 / 3.0);
        var (matrix, series) = (
            KolmogorovDistribution.Above(2_000, distance - 1e-12),
            KolmogorovDistribution.Above(2_000, distance + 1e-12)
        );
        Assert.Equal(matrix, series, 1e-6);
    }

    [Fact]
    public void Equal_Samples_AreNotApart() =>
        s_sample.Sample(values =>
        {
            Assert.Equal(0, Psi.OfNumbers(values, values).Value);
            Assert.Equal(new TestResult(0, 1), KolmogorovSmirnov.Test(values, values));
            Assert.Equal(0, Wasserstein.Distance(values, values));
            Assert.Equal(1, ChiSquare.Test(values, values).PValue, 1e-12);
        });

    /// <summary>Of as many values on both sides it is the mean distance of those of the same rank.</summary>
    [Fact]
    public void Wasserstein_OfAsMany_IsTheMeanDistanceOfRanks() =>
        Gen.Int[1, 8]
            .SelectMany(count => Gen.Select(Gen.Int[0, 9].Array[count], Gen.Int[0, 9].Array[count]))
            .Sample(
                (a, b) =>
                    Assert.Equal(
                        a.Order().Zip(b.Order(), (x, y) => Math.Abs((double)x - y)).Average(),
                        Wasserstein.Distance([.. a.Select(x => (double)x)], [.. b.Select(x => (double)x)]),
                        1e-12
                    )
            );

    [Fact]
    public void Constant_Values_AreCompared()
    {
        double[] ones = [.. Enumerable.Repeat(1.0, 30)];
        double[] twos = [.. Enumerable.Repeat(2.0, 30)];
        Assert.Equal(1, Wasserstein.Distance(ones, twos), 1e-12);
        Assert.Equal(1, KolmogorovSmirnov.Test(ones, twos).Statistic);
        var psi = Psi.OfNumbers(ones, twos);
        Assert.Equal(
            (2, 2 * (1 - 0.0001) * Math.Log(10_000)),
            (psi.Bins, psi.Value),
            (x, y) => x.Item1 == y.Item1 && Math.Abs(x.Item2 - y.Item2) < 1e-9
        );
        Assert.Equal(new TestResult(0, 1), ChiSquare.Test(ones, ones));
    }

    /// <summary>scipy's chi2_contingency([[30, 10, 5], [20, 25, 5]], correction=False), worked out by hand.</summary>
    [Fact]
    public void ChiSquare_OfATable_IsPearsons()
    {
        string[] Of(int a, int b, int c) => [.. Enumerable.Repeat("a", a), .. Enumerable.Repeat("b", b), .. Enumerable.Repeat("c", c)];
        var test = ChiSquare.Test(Of(30, 10, 5), Of(20, 25, 5));
        int[][] table =
        [
            [30, 10, 5],
            [20, 25, 5],
        ];
        var expected = table
            .SelectMany((row, r) => row.Select((cell, c) => (cell, table.Sum(t => t[c]) * row.Sum() / 95.0)))
            .Sum(pair => Math.Pow(pair.cell - pair.Item2, 2) / pair.Item2);
        Assert.Equal(expected, test.Statistic, 1e-12);
        Assert.Equal(Math.Exp(-expected / 2), test.PValue, 1e-12);
    }

    [Fact]
    public void ChiSquare_OfFrequent_CountsRareOnesTogether()
    {
        string[] reference =
        [
            .. Enumerable.Repeat("a", 500),
            .. Enumerable.Repeat("b", 500),
            .. Enumerable.Range(0, 20).Select(i => $"rare {i}"),
        ];
        string[] current = [.. Enumerable.Repeat("a", 50), .. Enumerable.Repeat("b", 50), "rare 3", "new"];
        var merged = ChiSquare.Test(Merge(reference), Merge(current));
        Assert.Equal(merged.PValue, ChiSquare.TestOfFrequent(reference, current).PValue, 1e-12);

        static string[] Merge(string[] of) => [.. of.Select(name => name.Length == 1 ? name : "others")];
    }

    [Fact]
    public void WhatCannotBeCompared_IsRefusedByASentence()
    {
        Assert.Contains("window is empty", Refused(() => KolmogorovSmirnov.Test([1], [])), StringComparison.Ordinal);
        Assert.Contains("reference is empty", Refused(() => Psi.OfCategories<string>([], ["a"])), StringComparison.Ordinal);
        Assert.Contains(
            "Value 2 of the window is NaN",
            Refused(() => Wasserstein.Distance([1], [1, double.NaN])),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Value 2 of the reference is Infinity",
            Refused(() => Psi.OfNumbers([1, double.PositiveInfinity], [1])),
            StringComparison.Ordinal
        );
        double[] far = [.. Enumerable.Range(0, 30).Select(i => (i - 15) * 1e307)];
        Assert.Contains("scale them", Refused(() => Psi.OfNumbers(far, far)), StringComparison.Ordinal);
        Assert.Contains(
            "at least 2 of each",
            Refused(() =>
                MaximumMeanDiscrepancy.Squared(
                    [
                        [1.0],
                    ],
                    [
                        [1.0],
                        [2.0],
                    ],
                    1
                )
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "width is 0",
            Refused(() =>
                MaximumMeanDiscrepancy.Squared(
                    [
                        [1.0],
                        [2.0],
                    ],
                    [
                        [1.0],
                        [2.0],
                    ],
                    0
                )
            ),
            StringComparison.Ordinal
        );
        Assert.Contains("as many numbers", Refused(() => DomainClassifier.Test(Many(4, 3), Many(4, 2), 1)), StringComparison.Ordinal);
        Assert.Contains("folds", Refused(() => DomainClassifier.Test(Many(4, 3), Many(4, 3), 1, folds: 1)), StringComparison.Ordinal);
        Assert.Contains("0 windows", Refused(() => new AlphaSpending { Windows = 0 }.OfWindow()), StringComparison.Ordinal);

        static string Refused(Func<object> act) => Assert.Throws<NotComparableException>(() => act()).Message;
        static float[][] Many(int rows, int length) => [.. Enumerable.Range(0, rows).Select(_ => new float[length])];
    }
}
