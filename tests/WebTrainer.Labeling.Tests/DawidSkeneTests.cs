using System.Text.Json;
using CsCheck;

namespace WebTrainer.Labeling.Tests;

/// <summary>Against crowd-kit; see the file's own "source".</summary>
public sealed class DawidSkeneTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_Gold_IsEqual(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Gold/dawid_skene.json")));
        var gold = document.RootElement.GetProperty("cases")[number];
        var votes = gold.GetProperty("votes")
            .EnumerateArray()
            .Select(v => (Task: v[0].GetInt32(), Worker: v[1].GetInt32(), Label: v[2].GetInt32()))
            .ToList();
        var (items, workers) = (votes.Max(v => v.Task) + 1, votes.Max(v => v.Worker) + 1);
        var labels = Enumerable.Range(0, workers).Select(_ => (IReadOnlyList<string?>)new string?[items]).ToList();
        foreach (var (task, worker, label) in votes)
        {
            ((string?[])labels[worker])[task] = label.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var fit = DawidSkene.Fit(Ratings.OfLabels(labels));

        Assert.All(
            gold.GetProperty("probas").EnumerateArray().Select((p, i) => (p, i)),
            entry =>
                Assert.All(
                    entry.p.EnumerateArray().Select((value, c) => (value, c)),
                    p => Assert.Equal(p.value.GetDouble(), fit.Posteriors[entry.i][p.c], 1e-5)
                )
        );
        Assert.All(
            gold.GetProperty("priors").EnumerateObject(),
            p => Assert.Equal(p.Value.GetDouble(), fit.Priors[int.Parse(p.Name)], 1e-5)
        );
        Assert.All(
            gold.GetProperty("errors").EnumerateArray(),
            e =>
            {
                var (worker, observed) = (e.GetProperty("worker").GetInt32(), e.GetProperty("observed").GetInt32());
                Assert.All(
                    e.GetProperty("given_true").EnumerateArray().Select((value, c) => (value, c)),
                    p => Assert.Equal(p.value.GetDouble(), fit.Confusion[worker][p.c][observed], 1e-5)
                );
            }
        );
    }

    [Fact]
    public void Fit_OneWhoGuesses_IsLessReliableThanTheOthers()
    {
        var random = new Random(3);
        var truth = Enumerable.Range(0, 200).Select(_ => random.Next(3)).ToList();
        IReadOnlyList<string?> Rater(double right) => [.. truth.Select(t => (random.NextDouble() < right ? t : random.Next(3)).ToString())];
        var fit = DawidSkene.Fit(Ratings.OfLabels([Rater(0.9), Rater(0.85), Rater(0)]));
        Assert.True(fit.Reliability(0) > 0.85 && fit.Reliability(1) > 0.8 && fit.Reliability(2) < 0.5);
    }

    [Fact]
    public void Fit_AnyRatings_GivesProbabilities() =>
        Gen.Int[-1, 2]
            .Array[6]
            .Array[3]
            .Sample(table =>
            {
                var fit = DawidSkene.Fit(
                    Ratings.OfLabels([.. table.Select(row => (IReadOnlyList<string?>)[.. row.Select(v => v < 0 ? null : v.ToString())])])
                );
                Assert.All(
                    fit.Posteriors.Where(p => p.Length > 0),
                    p =>
                    {
                        Assert.All(p, value => Assert.InRange(value, 0, 1 + 1e-12));
                        Assert.Equal(1, p.Sum(), 1e-9);
                    }
                );
            });

    /// <summary>
    /// Of 20 items of three labels and three people EM says 97 % and is right in 79 %: what people are told may not be so sure.
    /// </summary>
    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    public void HeldOutPosteriors_FewItems_AreAboutAsOftenRightAsTheySay(int items)
    {
        var random = new Random(5);
        var (said, fitted, right, all) = (0.0, 0.0, 0, 0);
        for (var round = 0; round < 200; round++)
        {
            var truth = Enumerable.Range(0, items).Select(_ => random.Next(3)).ToList();
            IReadOnlyList<string?> Rater(double share) =>
                [.. truth.Select(t => (random.NextDouble() < share ? t : (t + random.Next(1, 3)) % 3).ToString())];
            var ratings = Ratings.OfLabels([Rater(0.6), Rater(0.7), Rater(0.8)]);
            var (fit, held) = (DawidSkene.Fit(ratings, 20, 1e-3).Posteriors, DawidSkene.HeldOutPosteriors(ratings, 20, 1e-3));
            for (var item = 0; item < items; item++)
            {
                var best = Array.IndexOf(held[item], held[item].Max());
                Assert.Equal(1, held[item].Sum(), 1e-9);
                (said, fitted, all) = (said + held[item][best], fitted + fit[item].Max(), all + 1);
                right += ratings.Names[best] == truth[item].ToString() ? 1 : 0;
            }
        }

        Assert.InRange(said / all, (right / (double)all) - 0.06, (right / (double)all) + 0.06);
        Assert.True(fitted / all > (right / (double)all) + 0.06);
    }
}
