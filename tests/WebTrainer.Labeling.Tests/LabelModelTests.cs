using System.Text.Json;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Labeling.Tests;

/// <summary>Against snorkel; see the file's own "source".</summary>
public sealed class LabelModelTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_Gold_IsEqual(int number)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "label_model.json")));
        var gold = document.RootElement.GetProperty("cases")[number];
        var votes = gold.GetProperty("L").EnumerateArray().Select(row => row.EnumerateArray().Select(v => v.GetInt32()).ToArray()).ToList();
        var truth = gold.GetProperty("Y").EnumerateArray().Select(v => v.GetInt32()).ToList();
        var model = LabelModel.Fit(votes, [.. gold.GetProperty("class_balance").EnumerateArray().Select(v => v.GetDouble())]);

        Assert.All(
            gold.GetProperty("proba_first100").EnumerateArray().Index(),
            row =>
                Assert.All(
                    row.Item.EnumerateArray().Index(),
                    p => Assert.Equal(p.Item.GetDouble(), model.Predict(votes[row.Index])[p.Index], 0.05)
                )
        );
        var right =
            votes.Zip(truth).Count(row => model.Predict(row.First).Index().MaxBy(p => p.Item).Index == row.Second) / (double)votes.Count;
        Assert.Equal(gold.GetProperty("accuracy").GetDouble(), right, 0.01);
    }

    [Fact]
    public void Predict_AllAbstain_IsTheBalance()
    {
        var model = LabelModel.Fit(
            [
                [0, 0],
                [1, 1],
                [0, 1],
                [1, -1],
            ],
            [0.2, 0.8]
        );
        Assert.Equal([0.2, 0.8], model.Predict([-1, -1]).Select(p => Math.Round(p, 9)));
    }

    [Fact]
    public void Statistics_CountCoverageOverlapConflictAndAccuracy()
    {
        var statistics = FunctionStatistics.Of(
            [
                [0, -1],
                [0, 0],
                [1, 0],
                [-1, -1],
            ],
            [0, 0, 0, 1]
        );
        Assert.Equal(new FunctionStatistics(0.75, 0.5, 0.25, 2.0 / 3, 3), statistics[0]);
        Assert.Equal(new FunctionStatistics(0.5, 0.5, 0.25, 1, 2), statistics[1]);
    }
}
