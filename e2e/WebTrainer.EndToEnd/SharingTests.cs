using System.Text.Json;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Several people's work on one device, with real workers.</summary>
public sealed class SharingTests
{
    private static readonly object s_tiny = new { maxSteps = 2, samples = 0 };
    private static readonly object s_long = new
    {
        maxSteps = 5000,
        epochs = 1000,
        checkpointEverySteps = 1000,
        samples = 0,
    };

    [Fact]
    [Trait("Category", "Long")]
    public async Task ShortRun_GoesBeforeALongOne_WhichGoesOnWhereItWas_AndWhoWaitsIsToldWhen()
    {
        await using var team = await Team.AssembleAsync("--Sharing:LeastTurn=00:00:01", "--Sharing:ShortWork=00:02:00");
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        // By this one the server knows how long such runs take.
        await team.LeadApi.UntilAsync(Path(team, await team.StartRunAsync(version, s_tiny)), Patience.Work, "completed");
        var training = Path(team, await team.StartRunAsync(version, s_long, "long"));
        await Eventually.IsTrueAsync(
            async () => (await team.LeadApi.GetAsync(training)).GetProperty("step").GetInt32() >= 5,
            Patience.Work,
            () => "The long run did not begin."
        );

        var brief = Path(team, await team.StartRunAsync(version, s_tiny, "brief"));
        var approved = DateTimeOffset.UtcNow;
        var ended = await team.LeadApi.UntilAsync(brief, Patience.Work, "completed");
        Tell("the short run's worker was at work", ended.GetProperty("startedAt").GetDateTimeOffset() - approved);
        Tell("its first step was done", await FirstStepAsync(team, brief) - approved);
        var waiting = await team.LeadApi.GetAsync(training);
        Assert.Contains(waiting.GetProperty("status").GetString(), (string[])["queued", "starting", "running"]);
        var before = waiting.GetProperty("step").GetInt32();
        await Eventually.IsTrueAsync(
            async () => (await team.LeadApi.GetAsync(training)).GetProperty("step").GetInt32() > before,
            Patience.Work,
            () => "The long run did not go on."
        );
        var steps = (await team.LeadApi.GetAsync(training + "/events"))
            .EnumerateArray()
            .Where(e => e.TryGetProperty("loss", out var loss) && loss.ValueKind == JsonValueKind.Number)
            .Select(e => e.GetProperty("step").GetInt32())
            .ToList();
        Assert.Equal(steps.Order().Distinct(), steps); // none was done twice; of so many steps every second is kept

        await team.LeadApi.PostAsync(training + "/pause"); // who is paused keeps the device
        await team.LeadApi.UntilAsync(training, Patience.Work, "paused");
        var next = await team.StartRunAsync(version, s_tiny, "next");
        await team.Lead.GoAsync($"/p/{team.ProjectId}/runs/{next}");
        await Expect(team.Lead.Test("waits")).ToContainTextAsync("next in line, because each device that it may use is at work");
        await team.Lead.ShowAsync("run-waits");
        await team.Lead.GoAsync("/server");
        await Expect(team.Lead.Test("devices")).ToContainTextAsync("long");
        await Expect(team.Lead.Test("queue")).ToContainTextAsync("next");
        await Expect(team.Lead.Test("hours")).ToContainTextAsync("Bank messages");
        await Expect(team.Lead.Test("machine")).ToContainTextAsync("memory in use");
        await team.Lead.Test("weight").Locator("input").Or(team.Lead.Page.Locator("input[data-test='weight']")).First.FillAsync("2");
        await team.Lead.Test("save-share").ClickAsync();
        await Expect(team.Lead.Page.GetByText("Bank messages: saved.")).ToBeVisibleAsync();
        await team.Lead.ShowAsync("server");
        await team.LeadApi.PostAsync(training + "/stop");
        await team.LeadApi.UntilAsync(Path(team, next), Patience.Work, "completed");
    }

    private static async Task<DateTimeOffset> FirstStepAsync(Team team, string run) =>
        (await team.LeadApi.GetAsync(run + "/events"))
            .EnumerateArray()
            .First(e => e.TryGetProperty("loss", out var loss) && loss.ValueKind == JsonValueKind.Number)
            .GetProperty("time")
            .GetDateTimeOffset();

    private static void Tell(string what, TimeSpan after) =>
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{what} {after.TotalSeconds:0.0} s after its approval; load {File.ReadAllText("/proc/loadavg")[..4]}"
        );

    private static string Path(Team team, Guid run) => $"projects/{team.ProjectId}/runs/{run}";
}
