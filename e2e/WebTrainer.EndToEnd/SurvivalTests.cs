using System.Diagnostics;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Processes are killed without warning, and the work goes on.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class SurvivalTests
{
    private static readonly object s_longRun = new
    {
        maxSteps = 60,
        epochs = 1000,
        checkpointEverySteps = 5,
        microBatch = 16,
        samples = 0,
    };

    [Fact]
    public async Task WorkerKilledInMidRun_FailsWithItsCause_AndResumesFromItsCheckpoint()
    {
        await using var team = await Team.AssembleAsync();
        var run = await StartAsync(team);
        var path = $"projects/{team.ProjectId}/runs/{run}";
        await StepIsReachedAsync(team, path, 12);
        using (var kill = Process.Start("kill", ["-9", team.Portal.Workers().Single().ToString()]))
        {
            await kill.WaitForExitAsync();
        }

        var failed = await team.LeadApi.UntilAsync(path, Patience.Server, "failed");
        Assert.Contains("signal 9", failed.GetProperty("failureCause").GetString(), StringComparison.Ordinal);
        await team.Lead.GoAsync($"/p/{team.ProjectId}/runs/{run}");
        await Expect(team.Lead.Test("failure")).ToBeVisibleAsync();
        await team.Lead.ShowAsync("run-failed");
        await team.Lead.Test("resume").ClickAsync();
        var done = await team.LeadApi.UntilAsync(path, Patience.Work, "completed"); // it still reads failed until the click has arrived
        Assert.Equal(("completed", 60), (done.GetProperty("status").GetString(), done.GetProperty("step").GetInt32()));
    }

    [Fact]
    public async Task PortalKilledInMidRun_TheRunGoesOn_AndThePageIsWholeAfterRestart()
    {
        await using var team = await Team.AssembleAsync();
        var run = await StartAsync(team);
        var path = $"projects/{team.ProjectId}/runs/{run}";
        await StepIsReachedAsync(team, path, 5);
        var worker = team.Portal.Workers().Single();
        await team.Portal.KillAsync();
        Assert.Contains(worker, team.Portal.Workers());
        await team.Portal.RestartAsync();

        var done = await team.LeadApi.UntilAsync(path, Patience.Work, "completed", "failed");
        Assert.Equal("completed", done.GetProperty("status").GetString());
        var events = await team.LeadApi.GetAsync(path + "/events");
        var steps = events
            .EnumerateArray()
            .Where(e => e.TryGetProperty("loss", out var loss) && loss.ValueKind == System.Text.Json.JsonValueKind.Number)
            .Select(e => e.GetProperty("step").GetInt32())
            .ToList();
        Assert.Equal(steps.Order().Distinct(), steps);
        Assert.Equal(60, steps[^1]);
        await team.Lead.SignInAsync();
        await team.Lead.GoAsync($"/p/{team.ProjectId}/runs/{run}");
        await Expect(team.Lead.Test("progress")).ToContainTextAsync("Step 60 of 60");
    }

    private static async Task<Guid> StartAsync(Team team) =>
        await team.StartRunAsync(await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv()), s_longRun);

    private static Task StepIsReachedAsync(Team team, string path, int step) =>
        Eventually.IsTrueAsync(
            async () => (await team.LeadApi.GetAsync(path)).GetProperty("step").GetInt32() >= step,
            Patience.Work,
            () => $"Step {step} was not reached."
        );
}
