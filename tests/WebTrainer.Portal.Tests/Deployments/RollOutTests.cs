using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Deployments;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>A version is promoted and taken back while programs call, and what they were answered is recorded.</summary>
public sealed class RollOutTests
{
    private const int RequestsPerSecond = 50;
    private const int Requests = 250;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The two versions are answered by different workers, for their weights are kept in different ways.</summary>
    [Fact]
    public async Task PromotionAndTheWayBack_UnderFiftyRequestsASecond_LoseNone()
    {
        await using var portal = new WebPortal
        {
            Settings =
            {
                ["Jobs:WorkerPath"] = Path.Combine(AppContext.BaseDirectory, "WebTrainer.Jobs.FakeWorker.dll"),
                ["Endpoint:RequestsAtOnceOfKey"] = "1000", // a busy machine has more under way than one key may
            },
        };
        var (_, leadId) = await portal.PersonAsync("lead");
        var (lead, project) = (new Caller(leadId, "lead"), await portal.ProjectAsync(leadId));
        var service = portal.Services.GetRequiredService<DeploymentService>();
        var full = new VersionRequest(null, "webtrainer-base-8m") { MaxTokens = 2 };
        var deployment = await service.CreateAsync(lead, project, "writer", "", full, Ct);
        var second = await service.AddVersionAsync(lead, project, deployment, full with { Precision = WeightPrecision.EightBits }, Ct);
        await ApproveAllAsync(portal, deployment);
        var first = (await service.GetAsync(lead, project, deployment, Ct)).Versions[^1].Version.Id;
        await service.PromoteAsync(lead, project, deployment, first, Ct);
        using var client = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await portal.Services.GetRequiredService<ApiKeyService>().CreateAsync(lead, project, new NewKey("load"), Ct)
        );

        var answers = new List<Task<HttpStatusCode>>();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / RequestsPerSecond));
        while (answers.Count < Requests && await pace.WaitForNextTickAsync(Ct))
        {
            answers.Add(AskAsync(client, answers.Count));
            if (answers.Count == Requests / 3)
            {
                await service.PromoteAsync(lead, project, deployment, second, Ct);
            }
            else if (answers.Count == 2 * Requests / 3)
            {
                await service.RollBackAsync(lead, project, deployment, Ct);
            }
        }

        Assert.All(await Task.WhenAll(answers), status => Assert.Equal(HttpStatusCode.OK, status));
        var seen = await portal.Services.GetRequiredService<MonitoringService>().TrafficAsync(lead, project, deployment, Period.Day, Ct);
        Assert.Equal((Requests, 0), (seen.Served.Requests, seen.Versions.Sum(v => v.Errors)));
        Assert.Equal([second, first], seen.Versions.Select(v => v.Version.Id));
        Assert.All(seen.Versions, v => Assert.InRange(v.Served.Requests, 1, Requests));
    }

    [Fact]
    public async Task Record_HoldsNoText_UnlessALeadAskedForIt_AndThenMasked()
    {
        await using var portal = new WebPortal
        {
            Settings = { ["Jobs:WorkerPath"] = Path.Combine(AppContext.BaseDirectory, "WebTrainer.Jobs.FakeWorker.dll") },
        };
        var (_, leadId) = await portal.PersonAsync("lead");
        var (lead, project) = (new Caller(leadId, "lead"), await portal.ProjectAsync(leadId));
        var service = portal.Services.GetRequiredService<DeploymentService>();
        var deployment = await service.CreateAsync(lead, project, "writer", "", new VersionRequest(null, "webtrainer-base-8m"), Ct);
        await ApproveAllAsync(portal, deployment);
        await service.PromoteAsync(
            lead,
            project,
            deployment,
            (await service.GetAsync(lead, project, deployment, Ct)).Versions[0].Version.Id,
            Ct
        );
        using var client = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await portal.Services.GetRequiredService<ApiKeyService>().CreateAsync(lead, project, new NewKey("k"), Ct)
        );
        var monitoring = portal.Services.GetRequiredService<MonitoringService>();
        async Task<IReadOnlyList<RequestView>> Read() =>
            await monitoring.RequestsAsync(
                lead,
                project,
                deployment,
                DateTimeOffset.UtcNow.AddHours(-1),
                DateTimeOffset.UtcNow.AddHours(1),
                failed: false,
                Ct
            );

        const string secret = "write to ana@example.org please";
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, 0, secret));
        var bare = Assert.Single(await Read()).Record;
        Assert.Equal((null, null, 4), (bare.Prompt, bare.Answer, bare.PromptWords));
        await service.KeepContentAsync(lead, project, deployment, 7, Ct);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, 1, secret));
        while ((await Read()).Count < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Ct); // texts are masked beside the request
        }

        var kept = (await Read())[0].Record;
        Assert.Equal("write to [EMAIL] please", kept.Prompt);
        Assert.NotNull(kept.Answer);

        // what a caller says of it
        using var said = await client.PostAsJsonAsync("/v1/feedback", new { request_id = kept.Id, good = false }, Ct);
        Assert.Equal(HttpStatusCode.OK, said.StatusCode);
        Assert.False((await Read())[0].IsGood);
        using var empty = await client.PostAsJsonAsync("/v1/feedback", new { request_id = kept.Id }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);

        // and back to those who label
        var version = await portal
            .Services.GetRequiredService<TrafficSamples>()
            .TakeAsync(lead, project, deployment, new SampleRequest(SampleKind.BadFeedback, 10), Ct);
        Assert.Equal(("Traffic of writer", 1), (version.DatasetName, version.Rows));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, int caller, string text = "hello")
    {
        using var response = await client.PostAsJsonAsync(
            "/v1/chat/completions",
            new
            {
                model = "writer",
                user = $"caller-{caller}",
                messages = new[] { new { role = "user", content = text } },
            },
            Ct
        );
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
        return body.TryGetProperty("choices", out _) ? response.StatusCode : throw new InvalidDataException(body.ToString());
    }

    /// <summary>As a check and another lead would: what is shown there is another test's matter.</summary>
    private static async Task ApproveAllAsync(WebPortal portal, Guid deployment)
    {
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        foreach (var version in await db.DeploymentVersions.Where(v => v.DeploymentId == deployment).ToListAsync(Ct))
        {
            version.NoteCheck(version.SettingsSha256, "{}", passed: true, DateTimeOffset.UtcNow);
            version.Approve("somebody else", version.SettingsSha256, needsReason: false, null, DateTimeOffset.UtcNow);
        }

        await db.SaveChangesAsync(Ct);
    }
}
