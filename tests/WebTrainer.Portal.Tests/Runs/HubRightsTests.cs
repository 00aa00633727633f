using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Runs;

/// <summary>A program that speaks SignalR by itself gets no further than a page would.</summary>
public sealed class HubRightsTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_ByAnAnnotatorOrAStranger_IsRefusedWithASentence()
    {
        var (_, leadId) = await portal.PersonAsync("hub-lead");
        var (annotator, annotatorId) = await portal.PersonAsync("hub-annotator");
        var (stranger, _) = await portal.PersonAsync("hub-stranger");
        var project = await portal.ProjectAsync(leadId);
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        db.Memberships.Add(new Membership(project, annotatorId, ProjectRole.Annotator, DateTimeOffset.UtcNow));
        await db.SaveChangesAsync(Ct);
        Assert.Contains("may not do this", (await RefusalAsync(annotator, project)).Message, StringComparison.Ordinal);
        Assert.Contains("no such project", (await RefusalAsync(stranger, project)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithoutSigningIn_Is401()
    {
        await using var connection = Connect("hubs/runs", token: null);
        Assert.Contains(
            "401",
            (await Assert.ThrowsAsync<HttpRequestException>(() => connection.StartAsync(Ct))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task CircuitHub_ToAClientThatIsNoBrowser_IsShut()
    {
        var (person, _) = await portal.PersonAsync("hub-circuit");
        await using var connection = Connect("_blazor", person.DefaultRequestHeaders.Authorization!.Parameter);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await connection.StartAsync(Ct);
            await connection.InvokeAsync("BeginInvokeDotNetFromJS", "1", "WebTrainer.Portal", "KeyAsync", 1L, "[]", Ct);
        });
    }

    private async Task<HubException> RefusalAsync(HttpClient person, Guid project)
    {
        await using var connection = Connect("hubs/runs", person.DefaultRequestHeaders.Authorization!.Parameter);
        await connection.StartAsync(Ct);
        return await Assert.ThrowsAsync<HubException>(async () =>
        {
            await foreach (var _ in connection.StreamAsync<JsonElement>("Watch", project, Guid.CreateVersion7(), Ct))
            {
                Assert.Fail("Something of the run was told.");
            }
        });
    }

    private HubConnection Connect(string path, string? token) =>
        new HubConnectionBuilder()
            .WithUrl(
                new Uri(portal.Server.BaseAddress, path),
                options =>
                {
                    options.Transports = HttpTransportType.LongPolling;
                    options.HttpMessageHandlerFactory = _ => portal.Server.CreateHandler();
                    options.AccessTokenProvider = () => Task.FromResult(token);
                }
            )
            .Build();
}
