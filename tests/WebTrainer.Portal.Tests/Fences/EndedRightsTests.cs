using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Account;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Fences;

/// <summary>What stands on a right ends with it, however the right ends.</summary>
public sealed class EndedRightsTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(2);
    private static int s_people;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public static TheoryData<Ending> Endings => [.. Enum.GetValues<Ending>()];

    public enum Ending
    {
        RemovedFromTheProject,
        MadeAnAnnotator,
        AccountDisabled,
        TokenRevoked,
        TokenExpired,
        RemovedByAnotherProgram,
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task EventStream_EndsWithTheRight(Ending ending)
    {
        var watched = await WatchedRunAsync();
        using var answer = await watched.Client.GetAsync(
            $"/api/v1/projects/{watched.Project}/runs/{watched.Run}/events/stream",
            HttpCompletionOption.ResponseHeadersRead,
            Ct
        );
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        await EndAsync(watched, ending);
        var watch = Stopwatch.StartNew();
        var rest = await reader.ReadToEndAsync(Ct).WaitAsync(s_soon, Ct);
        Assert.True(watch.Elapsed < s_soon);
        Assert.Contains("event: refused", rest, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task HubStream_EndsWithTheRight(Ending ending)
    {
        var watched = await WatchedRunAsync();
        await using var connection = Connect(watched.Token);
        await connection.StartAsync(Ct);
        var begun = new TaskCompletionSource();
        var ended = Task.Run(
            async () =>
            {
                try
                {
                    await foreach (var _ in connection.StreamAsync<JsonElement>("Watch", watched.Project, watched.Run, Ct))
                    {
                        begun.TrySetResult();
                    }

                    return "it ended as if all had been told";
                }
                catch (Exception ex)
                {
                    return ex.Message;
                }
            },
            Ct
        );
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(20), Ct);
        await EndAsync(watched, ending);
        Assert.DoesNotContain("as if all", await ended.WaitAsync(s_soon, Ct), StringComparison.Ordinal);
    }

    /// <summary>A connection is older than the end of its token: no new call may be let through on it.</summary>
    [Theory]
    [InlineData(Ending.TokenRevoked)]
    [InlineData(Ending.AccountDisabled)]
    public async Task HubConnection_EndsWithTheToken(Ending ending)
    {
        var watched = await WatchedRunAsync();
        await using var connection = Connect(watched.Token);
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync(Ct);
        await EndAsync(watched, ending);
        await closed.Task.WaitAsync(s_soon, Ct);
    }

    [Fact]
    public async Task OpenPage_IsSignedOutWithItsSession()
    {
        var watched = await WatchedRunAsync();
        var user = await SignedInAsync(watched.UserId);
        await using var scope = portal.Services.CreateAsyncScope();
        var provider = Assert.IsType<HeldSignIn>(scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>());
        provider.SetAuthenticationState(Task.FromResult(new AuthenticationState(user)));
        var signedOut = new TaskCompletionSource();
        provider.AuthenticationStateChanged += async state =>
        {
            if ((await state).User.Identity?.IsAuthenticated != true)
            {
                signedOut.TrySetResult();
            }
        };
        await using (var other = portal.Services.CreateAsyncScope())
        {
            var users = other.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
            await users.UpdateSecurityStampAsync((await users.FindByIdAsync(watched.UserId))!); // as signing out elsewhere does
        }

        await signedOut.Task.WaitAsync(s_soon, Ct);
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            portal.Services.GetRequiredService<ProjectService>().GetAsync(Caller.From(user), watched.Project, Ct)
        );
    }

    [Fact]
    public async Task WhatAKeyIsAnswered_EndsWithTheKey()
    {
        var watched = await WatchedRunAsync();
        var keys = portal.Services.GetRequiredService<ApiKeyService>();
        await keys.CreateAsync(watched.Lead, watched.Project, new NewKey("key"), Ct);
        var key = Assert.Single(await keys.ListAsync(watched.Lead, watched.Project, Ct)).Id;
        using var held = portal.Services.GetRequiredService<RightsWatch>().HoldKey(key);
        var answer = Task.Run(
            async () =>
            {
                await foreach (var _ in held.WhileHeldAsync(Endless, Ct))
                {
                    continue;
                }
            },
            Ct
        );
        await keys.RevokeAsync(watched.Lead, watched.Project, key, Ct);
        await Assert.ThrowsAsync<ForbiddenException>(() => answer.WaitAsync(s_soon, Ct));
    }

    private static async IAsyncEnumerable<int> Endless([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return 1;
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    [Fact]
    public async Task TwoHundredPagesAndStreams_AreLookedAtInOneGlance()
    {
        var (rights, watched) = (portal.Services.GetRequiredService<RightsWatch>(), await WatchedRunAsync());
        var user = Caller.From(await SignedInAsync(watched.UserId));
        var held = Enumerable
            .Range(0, 200)
            .SelectMany(_ => new[] { rights.Hold(user), rights.Hold(user, watched.Project, Permission.ViewResults) })
            .ToList();
        await rights.CheckAsync(Ct);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            await rights.CheckAsync(Ct);
        }

        TestContext.Current.SendDiagnosticMessage($"A look at 400 held rights takes {watch.Elapsed.TotalMilliseconds / 20:0.0} ms.");
        Assert.InRange(watch.Elapsed.TotalMilliseconds / 20, 0, 100); // each second
        Assert.All(held, right => Assert.Null(right.Refusal));
        held.ForEach(right => right.Dispose());
    }

    private async Task<ClaimsPrincipal> SignedInAsync(string userId)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        var signIn = scope.ServiceProvider.GetRequiredService<SignInManager<AppUser>>();
        return await signIn.CreateUserPrincipalAsync((await signIn.UserManager.FindByIdAsync(userId))!);
    }

    private async Task EndAsync(WatchedRun watched, Ending ending)
    {
        await using var db = await OpenDbAsync();
        switch (ending)
        {
            case Ending.RemovedFromTheProject:
                await portal
                    .Services.GetRequiredService<ProjectService>()
                    .RemoveMemberAsync(watched.Lead, watched.Project, watched.UserId, Ct);
                break;
            case Ending.MadeAnAnnotator:
                await portal
                    .Services.GetRequiredService<ProjectService>()
                    .ChangeRoleAsync(watched.Lead, watched.Project, watched.UserId, ProjectRole.Annotator, Ct);
                break;
            case Ending.AccountDisabled:
                await db.Users.Where(u => u.Id == watched.Lead.UserId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsAdmin, true), Ct);
                await using (var scope = portal.Services.CreateAsyncScope())
                {
                    await scope
                        .ServiceProvider.GetRequiredService<UserAdministration>()
                        .SetDisabledAsync(watched.Lead, watched.UserId, disabled: true, Ct);
                }

                break;
            case Ending.TokenRevoked:
                await portal
                    .Services.GetRequiredService<AccessTokenService>()
                    .RevokeAsync(new Caller(watched.UserId, ""), watched.TokenId, Ct);
                break;
            case Ending.TokenExpired:
                var past = DateTimeOffset.UtcNow.AddMinutes(-1);
                await db
                    .PersonalAccessTokens.Where(t => t.Id == watched.TokenId)
                    .ExecuteUpdateAsync(set => set.SetProperty(t => t.ExpiresAt, past), Ct);
                break;
            default:
                await db.Memberships.Where(m => m.UserId == watched.UserId).ExecuteDeleteAsync(Ct);
                break;
        }
    }

    /// <summary>A reviewer with a token, and a run of their project that goes on.</summary>
    private async Task<WatchedRun> WatchedRunAsync()
    {
        var number = Interlocked.Increment(ref s_people);
        var (_, leadId) = await portal.PersonAsync($"ended-lead{number}");
        var (client, userId) = await portal.PersonAsync($"ended{number}");
        var project = await portal.ProjectAsync(leadId);
        await using var db = await OpenDbAsync();
        db.Memberships.Add(new Membership(project, userId, ProjectRole.Reviewer, DateTimeOffset.UtcNow));
        var dataset = new Dataset(project, "rows", leadId, DateTimeOffset.UtcNow);
        var version = new DatasetVersion(dataset, 1, VersionKind.Split, new string('a', 64), 1, 1, leadId, DateTimeOffset.UtcNow);
        var run = new Run(
            project,
            1,
            "run",
            version.Id,
            "tiny",
            "{}",
            new string('b', 64),
            leadId,
            DateTimeOffset.UtcNow,
            Guid.CreateVersion7()
        );
        var job = run.Approve(userId, run.SpecSha256, DateTimeOffset.UtcNow);
        job.Start("none", DateTimeOffset.UtcNow); // it goes on, and no worker says more
        db.AddRange(
            dataset,
            version,
            run,
            job,
            new JobEvent
            {
                JobId = job.Id,
                Seq = 1,
                Time = DateTimeOffset.UtcNow,
                Type = "log",
                Json = "{}",
            }
        );
        job.EventsReadTo(1);
        await db.SaveChangesAsync(Ct);
        var token = await db.PersonalAccessTokens.SingleAsync(t => t.UserId == userId, Ct);
        return new WatchedRun(
            client,
            client.DefaultRequestHeaders.Authorization!.Parameter!,
            token.Id,
            userId,
            new Caller(leadId, "lead"),
            project,
            run.Id
        );
    }

    private async Task<AppDb> OpenDbAsync() =>
        await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);

    private HubConnection Connect(string token) =>
        new HubConnectionBuilder()
            .WithUrl(
                new Uri(portal.Server.BaseAddress, "hubs/runs"),
                options =>
                {
                    options.Transports = HttpTransportType.LongPolling;
                    options.HttpMessageHandlerFactory = _ => portal.Server.CreateHandler();
                    options.AccessTokenProvider = () => Task.FromResult<string?>(token);
                }
            )
            .Build();

    private sealed record WatchedRun(HttpClient Client, string Token, Guid TokenId, string UserId, Caller Lead, Guid Project, Guid Run);
}
