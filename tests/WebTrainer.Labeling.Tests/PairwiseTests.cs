using System.Text.Json;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Labeling.Tests;

/// <summary>Against FastChat; see the file's own "source".</summary>
public sealed class PairwiseTests
{
    private static readonly string[] s_names = ["m0", "m1", "m2", "m3", "m4", "m5"];

    private static JsonElement Gold()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "elo_bradley_terry.json")));
        return document.RootElement.GetProperty("cases")[0].Clone();
    }

    private static List<Battle> Battles(JsonElement gold) =>
        [
            .. gold.GetProperty("battles")
                .EnumerateArray()
                .Select(b => new Battle(
                    Array.IndexOf(s_names, b[0].GetString()),
                    Array.IndexOf(s_names, b[1].GetString()),
                    b[2].GetString() switch
                    {
                        "model_a" => 1,
                        "model_b" => 0,
                        _ => 0.5,
                    }
                )),
        ];

    [Fact]
    public void Elo_Gold_IsEqual()
    {
        var gold = Gold();
        var ratings = Elo.Rate(Battles(gold), s_names.Length);
        Assert.All(
            s_names.Index(),
            name => Assert.Equal(gold.GetProperty("elo").GetProperty(name.Item).GetDouble(), ratings[name.Index], 1e-6)
        );
    }

    [Fact]
    public void BradleyTerry_Gold_IsEqual()
    {
        var gold = Gold();
        var ratings = BradleyTerry.Fit(Battles(gold), s_names.Length);
        Assert.All(
            s_names.Index(),
            name => Assert.Equal(gold.GetProperty("bt").GetProperty(name.Item).GetDouble(), ratings[name.Index], 0.05)
        );
    }

    [Fact]
    public void Intervals_HoldTheRating_AndShrinkWithMoreComparisons()
    {
        var battles = Battles(Gold());
        var few = BradleyTerry.FitWithIntervals([.. battles.Take(100)], s_names.Length, seed: 1);
        var all = BradleyTerry.FitWithIntervals(battles, s_names.Length, seed: 1);
        Assert.All(all, r => Assert.True(r.Low < r.Rating && r.Rating < r.High));
        Assert.True(all.Average(r => r.High - r.Low) < few.Average(r => r.High - r.Low));
    }

    [Fact]
    public void OneWhoAlwaysWins_IsFinite_AndOneWhoMetNobodyHasNoRating()
    {
        var ratings = BradleyTerry.Fit([new(0, 1, 1), new(0, 1, 1), new(1, 2, 1), new(0, 2, 1)], 4);
        Assert.True(double.IsFinite(ratings[0]) && ratings[0] > ratings[1] && ratings[1] > ratings[2]);
        Assert.True(double.IsNaN(ratings[3]));
    }

    [Fact]
    public void VotesUntilSure_FallsWithTheDifference()
    {
        Assert.Null(BradleyTerry.VotesUntilSure(1000, 1000, 10));
        Assert.True(BradleyTerry.VotesUntilSure(1000, 1020, 0) > BradleyTerry.VotesUntilSure(1000, 1100, 0));
        Assert.Equal(0, BradleyTerry.VotesUntilSure(1000, 1400, 10_000));
    }
}
