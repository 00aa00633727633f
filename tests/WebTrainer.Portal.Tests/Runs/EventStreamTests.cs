using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WebTrainer.Data;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>Server-sent events of a run, as a program reads them.</summary>
public sealed class EventStreamTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(5);
    private static int s_people;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "1,2,3")]
    [InlineData("2", "3")]
    [InlineData("3", "")]
    public async Task Stream_GoesOnBehindTheLastEvent(string? last, string expected)
    {
        var run = await RunAsync(portal, events: 3, Decision.Approved);
        using var request = new HttpRequestMessage(HttpMethod.Get, run.Stream);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using var answer = await run.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        var ids = new List<string>();
        for (string? line; (line = await reader.ReadLineAsync(Ct).AsTask().WaitAsync(s_soon, Ct)) != "event: end"; )
        {
            if (line!.StartsWith("id: ", StringComparison.Ordinal))
            {
                ids.Add(line["id: ".Length..]);
            }
        }

        Assert.Equal(expected, string.Join(',', ids));
    }

    [Theory]
    [InlineData(Decision.Approved, "completed")]
    [InlineData(Decision.Rejected, "rejected")]
    public async Task RunThatIsNotApprovedYet_IsWaitedFor(Decision decision, string end)
    {
        var run = await RunAsync(portal, events: 0, Decision.None);
        using var answer = await run.Client.GetAsync(run.Stream, HttpCompletionOption.ResponseHeadersRead, Ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.Equal("event: waiting", await reader.ReadLineAsync(Ct));
        await DecideAsync(portal, run.Id, run.UserId, decision);
        var rest = await reader.ReadToEndAsync(Ct).WaitAsync(s_soon, Ct);
        Assert.Contains("event: end", rest, StringComparison.Ordinal);
        Assert.Contains(end, rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatStops_DoesNotWaitForWhoWatches()
    {
        await using var own = new WebPortal();
        var run = await RunAsync(own, events: 0, Decision.None);
        using var answer = await run.Client.GetAsync(run.Stream, HttpCompletionOption.ResponseHeadersRead, Ct);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.Equal("event: waiting", await reader.ReadLineAsync(Ct));
        own.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await Assert.ThrowsAsync<IOException>(() => reader.ReadToEndAsync(Ct).WaitAsync(s_soon, Ct)); // cut off: a client comes back
    }

    public enum Decision
    {
        None,
        Approved,
        Rejected,
    }

    private static async Task<WatchedRun> RunAsync(WebPortal portal, int events, Decision decision)
    {
        var number = Interlocked.Increment(ref s_people);
        var (client, userId) = await portal.PersonAsync($"stream{number}");
        var (_, approver) = await portal.PersonAsync($"stream-approver{number}");
        var project = await portal.ProjectAsync(userId);
        await using var db = await OpenDbAsync(portal);
        db.Memberships.Add(new Membership(project, approver, ProjectRole.Lead, DateTimeOffset.UtcNow));
        var dataset = new Dataset(project, "rows", userId, DateTimeOffset.UtcNow);
        var version = new DatasetVersion(dataset, 1, VersionKind.Split, new string('a', 64), 1, 1, userId, DateTimeOffset.UtcNow);
        var run = new Run(
            project,
            1,
            "run",
            version.Id,
            "tiny",
            "{}",
            new string('b', 64),
            userId,
            DateTimeOffset.UtcNow,
            Guid.CreateVersion7()
        );
        db.AddRange(dataset, version, run);
        await db.SaveChangesAsync(Ct);
        if (decision != Decision.None)
        {
            await DecideAsync(portal, run.Id, approver, decision, events);
        }

        return new WatchedRun(client, approver, run.Id, $"/api/v1/projects/{project}/runs/{run.Id}/events/stream");
    }

    private static async Task DecideAsync(WebPortal portal, Guid runId, string approver, Decision decision, int events = 0)
    {
        await using var db = await OpenDbAsync(portal);
        var run = await db.Runs.SingleAsync(r => r.Id == runId, Ct);
        if (decision == Decision.Rejected)
        {
            run.Reject(approver, "Not now.", DateTimeOffset.UtcNow);
        }
        else
        {
            var job = run.Approve(approver, run.SpecSha256, DateTimeOffset.UtcNow);
            job.Start("none", DateTimeOffset.UtcNow);
            job.End(JobState.Completed, DateTimeOffset.UtcNow);
            db.Add(job);
            db.AddRange(
                Enumerable
                    .Range(1, events)
                    .Select(seq => new JobEvent
                    {
                        JobId = job.Id,
                        Seq = seq,
                        Time = DateTimeOffset.UtcNow,
                        Type = "log",
                        Json = "{}",
                    })
            );
            job.EventsReadTo(events);
        }

        await db.SaveChangesAsync(Ct);
    }

    private static async Task<AppDb> OpenDbAsync(WebPortal portal) =>
        await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);

    private sealed record WatchedRun(HttpClient Client, string UserId, Guid Id, string Stream);
}
