using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Neighbours;

/// <summary>Labels that neighbours contradict, on real rows with planted errors.</summary>
public sealed class LabelDoubtTests
{
    private const int Labels = 30;
    private const int RowsOfLabel = 60;
    private const double Planted = 0.05;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void PlantedErrors_StandAmongTheFirstThatAreProposed()
    {
        var (prompts, labels) = Real();
        var random = new Random(7);
        var names = labels.Distinct().ToArray();
        var planted = Enumerable.Range(0, labels.Length).OrderBy(_ => random.Next()).Take((int)(Planted * labels.Length)).ToHashSet();
        foreach (var row in planted)
        {
            var right = labels[row];
            labels[row] = names.Where(n => n != right).ElementAt(random.Next(names.Length - 1));
        }

        var doubts = LabelDoubts.Find(new NearestRows(prompts, Ct), labels, Ct);
        var found = doubts.Take(labels.Length / 10).Count(d => planted.Contains(d.Position));
        TestContext.Current.SendDiagnosticMessage($"{found} of {planted.Count} in the first tenth; {doubts.Count} proposed");
        Assert.True(found >= 0.7 * planted.Count, $"{found} of {planted.Count}");
    }

    [Fact]
    public void RightLabels_AreNotDoubted_AndRowsWithoutOne_NeitherVoteNorAreJudged()
    {
        string[] prompts =
        [
            .. Enumerable.Range(0, 20).Select(i => $"my card number {i} has not arrived yet"),
            .. Enumerable.Range(0, 20).Select(i => $"what is the exchange rate of currency {i} today"),
            "my card number 99 has not arrived yet",
        ];
        string?[] labels = [.. Enumerable.Repeat("card", 20), .. Enumerable.Repeat("rate", 20), null];
        Assert.Empty(LabelDoubts.Find(new NearestRows(prompts, Ct), labels, Ct));
        labels[3] = "rate";
        var doubt = Assert.Single(LabelDoubts.Find(new NearestRows(prompts, Ct), labels, Ct));
        Assert.Equal((3, "rate", "card", true), (doubt.Position, doubt.Given, doubt.Proposed, doubt.IsSure));
        Assert.All(doubt.Nearest, n => Assert.Equal("card", labels[n.Position]));
    }

    [Fact]
    public void Nearest_AreTheMostAlike_AndNeverTheRowItself()
    {
        string[] prompts = ["my card has not arrived", "my card has not arrived!", "card arrived", "the weather is fine", ""];
        var near = new NearestRows(prompts, Ct).Of(0, 3);
        Assert.Equal([1, 2], near.Take(2).Select(n => n.Position));
        Assert.Equal(near.OrderByDescending(n => n.Likeness), near);
        Assert.DoesNotContain(near, n => n.Position == 0);
    }

    private static (string[] Prompts, string[] Labels) Real()
    {
        var rows = File.ReadLines(RealData.File("banking77", "train.csv").Path)
            .Skip(1)
            .Where(line => line.Count(c => c == ',') == 1 && !line.Contains('"'))
            .Select(line => line.Split(','))
            .GroupBy(parts => parts[1])
            .Where(of => of.Count() >= RowsOfLabel)
            .Take(Labels)
            .SelectMany(of => of.Take(RowsOfLabel))
            .ToList();
        return ([.. rows.Select(r => r[0])], [.. rows.Select(r => r[1])]);
    }
}
