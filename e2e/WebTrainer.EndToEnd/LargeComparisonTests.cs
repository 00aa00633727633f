using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Two results of 100,000 rows each side by side in Chromium. The figures are written to <c>artifacts</c>.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class LargeComparisonTests
{
    private const int Rows = 100_000,
        Rounds = 5;

    /// <summary>Shared machines are slow at times; what is aimed at stands in benchmarks/comparison/RESULTS.md.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task TwoResultsOf100000Rows_TableVerdictAndWorstRowsAreThereSoon()
    {
        await using var team = await Team.AssembleAsync();
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var run = await team.StartRunAsync(version, new { maxSteps = 2, contextTokens = 64 });
        await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed");
        var columns = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var evaluation = (
                await team.LeadApi.PostAsync($"projects/{team.ProjectId}/evaluations", new { runIds = new[] { run }, maxRows = 3 })
            )
                .GetProperty("id")
                .GetGuid();
            await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/evaluations/{evaluation}", Patience.Work, "completed");
            columns.Add($"col=result:{evaluation}:run-1");
        }

        await GrowAsync(team);
        var path = $"/p/{team.ProjectId}/compare?{string.Join('&', columns)}";
        var figures = new Dictionary<string, IReadOnlyList<TimeSpan>>
        {
            ["right after the portal's start: verdict and worst rows"] = [await OpenAsync(team, path, "pairs")],
            ["the page without columns, for comparison"] = await RoundsAsync(() => OpenEmptyAsync(team)),
            ["address opened: table"] = await RoundsAsync(() => OpenAsync(team, path, "comparison")),
            ["address opened: verdict and worst rows"] = await RoundsAsync(() => OpenAsync(team, path, "pairs")),
            ["another order on the open page"] = await RoundsAsync(() => TurnAsync(team)),
        };
        await WriteAsync(figures);
        Assert.All(
            figures.Skip(1),
            figure => Assert.True(figure.Value.Max() < s_limit, $"{figure.Key} took {figure.Value.Max().TotalMilliseconds:F0} ms")
        );
    }

    /// <summary>
    /// Puts large results in the place of the small ones, while the portal is down, and waits until it has made their compact form.
    /// </summary>
    private static async Task GrowAsync(Team team)
    {
        await team.Portal.KillAsync();
        var files = Directory.GetFiles(team.Portal.DataFolder, "examples.jsonl", SearchOption.AllDirectories);
        Assert.Equal(2, files.Length);
        foreach (var (seed, file) in files.Index())
        {
            await File.WriteAllLinesAsync(file, Results(new Random(seed)));
        }

        await team.Portal.RestartAsync();
        await Eventually.IsTrueAsync(
            () =>
                Task.FromResult(
                    files.All(file =>
                        new FileInfo(Path.Combine(Path.GetDirectoryName(file)!, "examples.columns")) is { Exists: true } columns
                        && columns.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(file)
                    )
                ),
            Patience.Server,
            () => "The compact form was not made."
        );
        await team.Portal.KillAsync();
        await team.Portal.RestartAsync(); // nothing of it is in memory any more
    }

    private static IEnumerable<string> Results(Random random) =>
        Enumerable
            .Range(0, Rows)
            .Select(row =>
                JsonSerializer.Serialize(
                    new
                    {
                        rowId = $"row-{row:x8}-{row % 97}",
                        prompt = $"A customer asks for the {row}th time why the card has not arrived, and whether {random.Next()} is the right number to call.",
                        expected = $"label {row % 77}",
                        answers = new object[]
                        {
                            Answer(random, "base", 0.1),
                            Answer(random, "run-1", 0.85),
                            Answer(random, "linear", 0.88),
                        },
                    }
                )
            );

    private static object Answer(Random random, string model, double share) =>
        new
        {
            model,
            text = $"label {random.Next(77)} said in some words",
            right = random.NextDouble() < share,
            loss = 3 * random.NextDouble(),
            tokenF1 = random.NextDouble(),
            confidence = random.NextDouble(),
        };

    private static async Task<TimeSpan> OpenEmptyAsync(Team team)
    {
        await team.Lead.Page.GotoAsync("about:blank");
        var watch = Stopwatch.StartNew();
        await team.Lead.Page.GotoAsync(
            $"{team.Portal.Address}/p/{team.ProjectId}/compare",
            new() { WaitUntil = Microsoft.Playwright.WaitUntilState.Commit }
        );
        await team.Lead.Test("add-column").WaitForAsync();
        return watch.Elapsed;
    }

    private static async Task<TimeSpan> OpenAsync(Team team, string path, string test)
    {
        await team.Lead.Page.GotoAsync("about:blank");
        var watch = Stopwatch.StartNew();
        await team.Lead.Page.GotoAsync(team.Portal.Address + path, new() { WaitUntil = Microsoft.Playwright.WaitUntilState.Commit });
        await team.Lead.Test(test).Locator("tbody tr").First.WaitForAsync();
        var took = watch.Elapsed;
        await Expect(team.Lead.Test("tests")).ToContainTextAsync("On 100,000 common rows");
        return took;
    }

    /// <summary>Turns the order of all rows round: another row comes first.</summary>
    private static async Task<TimeSpan> TurnAsync(Team team)
    {
        var (order, gain) =
            await team.Lead.Test("order").InputValueAsync() == "WorstFirst"
                ? ("BestFirst", "+100.0 points")
                : ("WorstFirst", "−100.0 points");
        var watch = Stopwatch.StartNew();
        await team.Lead.Test("order").SelectOptionAsync(order);
        await team.Lead.Page.Locator("[data-test='pairs'] tbody tr:first-child", new() { HasText = gain }).WaitForAsync();
        return watch.Elapsed;
    }

    private static async Task<IReadOnlyList<TimeSpan>> RoundsAsync(Func<Task<TimeSpan>> act)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            times.Add(await act());
        }

        return times;
    }

    private static Task WriteAsync(Dictionary<string, IReadOnlyList<TimeSpan>> figures)
    {
        var folder = Directory.CreateDirectory(Path.Combine(PortalProcess.RepositoryRoot, "artifacts"));
        return File.WriteAllLinesAsync(
            Path.Combine(folder.FullName, "comparison.csv"),
            [
                "what,median ms,slowest ms,of",
                .. figures.Select(f =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"\"{f.Key}\",{f.Value.Order().ElementAt(f.Value.Count / 2).TotalMilliseconds:F0},{f.Value.Max().TotalMilliseconds:F0},{f.Value.Count}"
                    )
                ),
            ]
        );
    }
}
