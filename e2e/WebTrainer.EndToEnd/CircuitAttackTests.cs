using System.Net;
using System.Text.Json;
using WebTrainer.EndToEnd.Support;
using WebTrainer.Tests.Circuits;

namespace WebTrainer.EndToEnd;

/// <summary>Somebody who talks to the circuit directly, past what the page shows: threat row 29 for the handlers of a circuit.</summary>
[Collection(nameof(DataPortal))]
public sealed class CircuitAttackTests(SharedPortal shared)
{
    [Fact]
    public async Task LeadsButtonPressedAfterTheRoleIsGone_IsRefused_AndWorksWithTheRole()
    {
        await using var team = await shared.NewProjectAsync();
        var (run, path) = await WaitingRunAsync(team);
        await using var bo = await Watcher.OpenAsync(team, "bo", path);
        await Eventually.IsTrueAsync(
            () => Task.FromResult(bo.HandlerOf("approve") is not null),
            Patience.Server,
            () => "The lead sees no button: " + bo.Seen
        );
        var approve = bo.HandlerOf("approve")!.Value;

        // The page goes with the right; whoever kept its button presses it all the same.
        await SetRoleAsync(team, "bo", "Annotator");
        await Eventually.IsTrueAsync(
            () => Task.FromResult(bo.Seen.Contains("it may not do this", StringComparison.Ordinal)),
            Patience.Server,
            () => "Nothing said why not: " + bo.Seen
        );
        await TryAsync(() => bo.Circuit.ClickAsync(bo.Renderer, approve));
        Assert.Equal("submitted", await StatusAsync(team, run));

        await SetRoleAsync(team, "bo", "Lead");
        await using var again = await Watcher.OpenAsync(team, "bo", path);
        await Eventually.IsTrueAsync(
            () => Task.FromResult(again.HandlerOf("approve") is not null),
            Patience.Server,
            () => "The lead sees no button: " + again.Seen
        );
        await again.Circuit.ClickAsync(again.Renderer, again.HandlerOf("approve")!.Value);
        await Eventually.IsTrueAsync(
            async () => await StatusAsync(team, run) != "submitted",
            Patience.Server,
            () => "The same click by a lead does nothing: the test shows nothing."
        );
    }

    [Fact]
    public async Task MemberRemovedWhileAPageIsOpen_SeesItGo()
    {
        await using var team = await shared.NewProjectAsync();
        await using var bo = await Watcher.OpenAsync(team, "bo", $"/p/{team.ProjectId}/members");
        await Eventually.IsTrueAsync(
            () => Task.FromResult(bo.Seen.Contains("Who works in this project", StringComparison.Ordinal)),
            Patience.Server,
            () => "The page shows nothing: " + bo.Seen
        );
        await team.Lead.GoAsync($"/p/{team.ProjectId}/members");
        await team.Lead.Test("members").Locator("tr").Filter(new() { HasText = "bo" }).GetByText("Remove").ClickAsync();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.IsTrueAsync(
            () => Task.FromResult(bo.Seen.Contains("you are not a member of it", StringComparison.Ordinal)),
            Patience.Server,
            () => "The page stayed: " + bo.Seen
        );
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5)); // with the click itself and a browser's own time
    }

    [Fact]
    public async Task AnnotatorWhoGuessesHandlersObjectsAndMarkers_ReachesNothing_AndTheOthersWorkOn()
    {
        await using var team = await shared.NewProjectAsync();
        var (run, path) = await WaitingRunAsync(team);
        await SetRoleAsync(team, "bo", "Annotator");
        await using (var bo = await Watcher.OpenAsync(team, "bo", path))
        {
            await Eventually.IsTrueAsync(
                () => Task.FromResult(bo.Renderer > 0 && bo.Seen.Length > 0),
                Patience.Server,
                () => "The circuit shows nothing."
            );
            Assert.Null(bo.HandlerOf("approve"));
            for (ulong handler = 1; handler <= 200 && !bo.Circuit.Closed.IsCompleted; handler++)
            {
                await TryAsync(() => bo.Circuit.ClickAsync(bo.Renderer, handler));
            }

            foreach (var method in (string[])["ApproveAsync", "KeyAsync", "SetPriceAsync", "DispatchEventAsync"])
            {
                for (long target = 1; target <= 10; target++)
                {
                    await TryAsync(() => bo.Circuit.InvokeAsync(target, method, "[1,\"\",\"submit\",1]"));
                }
            }

            await TryAsync(() =>
                bo.Circuit.SendAsync("BeginInvokeDotNetFromJS", "9", "WebTrainer.Portal", "ApproveAsync", 0L, $"[\"{run}\"]")
            );
        }

        var cookies = await CircuitClient.SignInAsync(team.Portal.Address, "bo", Person.Password);
        // A page's marker with one sign changed, and a circuit that is somebody else's.
        var forged = await CircuitClient.OpenAsync(
            team.Portal.Address,
            cookies,
            path,
            (_, _) => null,
            _ => { },
            marker => marker.Replace("\"descriptor\":\"CfDJ8", "\"descriptor\":\"CfDJ9", StringComparison.Ordinal)
        );
        await using (forged)
        {
            await Eventually.IsTrueAsync(
                () => Task.FromResult(forged.Errors.Count > 0 || forged.Closed.IsCompleted),
                Patience.Server,
                () => "A forged marker was taken."
            );
        }

        Assert.Equal("submitted", await StatusAsync(team, run));
        Assert.Equal(0, (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/runs/{run}")).GetProperty("step").GetInt32());
    }

    [Fact]
    public async Task PageOfAnotherProject_ShowsNothingOfIt_ThroughACircuit()
    {
        await using var team = await shared.NewProjectAsync();
        var (_, path) = await WaitingRunAsync(team, "secret-run-of-the-lead");
        var outside = await team.Lead.MakeProjectAsync("Another project");
        await using var cy = await team.Chrome.NewPersonAsync("cy", team.Portal) is { } person
            ? await JoinAsync(team, person, outside, path)
            : throw new InvalidOperationException();
        await Eventually.IsTrueAsync(
            () => Task.FromResult(cy.Seen.Contains("not", StringComparison.OrdinalIgnoreCase)),
            Patience.Server,
            () => "The circuit shows nothing."
        );
        Assert.DoesNotContain("secret-run-of-the-lead", cy.Seen, StringComparison.Ordinal);
    }

    private static async Task<Watcher> JoinAsync(Team team, Person person, Guid project, string path)
    {
        await person.JoinAsync(await team.Lead.InviteAsync(project, "Lead"));
        return await Watcher.OpenAsync(team, "cy", path);
    }

    private static async Task<(Guid Run, string Path)> WaitingRunAsync(Team team, string name = "waiting run")
    {
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "messages", "messages.csv", SmallData.Csv());
        var run = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/runs",
            new
            {
                name,
                datasetVersionId = version,
                baseModel = "webtrainer-base-8m",
                training = new { epochs = 1 },
            }
        );
        var id = run.GetProperty("id").GetGuid();
        return (id, $"/p/{team.ProjectId}/runs/{id}");
    }

    private static async Task<string?> StatusAsync(Team team, Guid run) =>
        (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/runs/{run}")).GetProperty("status").GetString();

    private static async Task SetRoleAsync(Team team, string name, string role)
    {
        await team.Lead.GoAsync($"/p/{team.ProjectId}/members");
        var row = team.Lead.Test("members").Locator("tr").Filter(new() { HasText = name });
        await row.Locator(".mud-select").First.ClickAsync();
        await team.Lead.Page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = role }).ClickAsync();
        await Microsoft.Playwright.Assertions.Expect(team.Lead.Page.GetByText("is now")).ToBeVisibleAsync();
    }

    // An attacker's call may end the circuit: that is one of the right answers.
    private static async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception ex) when (ex is InvalidOperationException or IOException)
        {
            Assert.Contains("connection", ex.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>An open circuit, and what it has shown.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private readonly List<string> _seen = [];
        private readonly Dictionary<string, ulong> _handlers = [];

        public CircuitClient Circuit { get; private set; } = null!;

        public long Renderer { get; private set; }

        public string Seen
        {
            get
            {
                lock (_gate)
                {
                    return string.Join(' ', _seen);
                }
            }
        }

        public static async Task<Watcher> OpenAsync(Team team, string userName, string path)
        {
            CookieContainer cookies = await CircuitClient.SignInAsync(team.Portal.Address, userName, Person.Password);
            var watcher = new Watcher();
            watcher.Circuit = await CircuitClient.OpenAsync(team.Portal.Address, cookies, path, watcher.Answer, watcher.Look);
            return watcher;
        }

        public ulong? HandlerOf(string test)
        {
            lock (_gate)
            {
                return _handlers.TryGetValue(test, out var handler) ? handler : null;
            }
        }

        public ValueTask DisposeAsync() => Circuit.DisposeAsync();

        private string? Answer(string function, JsonElement arguments)
        {
            if (function == "Blazor._internal.attachWebRendererInterop")
            {
                Renderer = CircuitClient.ObjectIn(arguments) ?? 0;
            }

            return null;
        }

        private void Look(RenderBatch batch)
        {
            lock (_gate)
            {
                _seen.AddRange(batch.Texts.Where(text => !string.IsNullOrWhiteSpace(text) && !text.Contains('<')));
                foreach (var test in batch.Attributes.Where(a => a.Name == "data-test" && a.Value is not null))
                {
                    if (batch.EventOf("data-test", test.Value!, "onclick") is { } handler)
                    {
                        _handlers[test.Value!] = handler;
                    }
                }
            }
        }
    }
}
