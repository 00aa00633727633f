using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Domain.Access;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>A program that heard no answer asks again: what it asked for is done once.</summary>
public sealed class IdempotencyKeyTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task SameKey_GivesTheFirstAnswerAndMakesOne()
    {
        var (ada, id) = await portal.PersonAsync("ada-once");
        var first = await AskAsync(ada, "a key", "Project");
        var second = await AskAsync(ada, "a key", "Project");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(Ct), await second.Content.ReadAsStringAsync(Ct));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, await ProjectsOfAsync(id));
    }

    [Fact]
    public async Task SameKey_ManyAtOnce_MakesOne()
    {
        var (ada, id) = await portal.PersonAsync("ada-many");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(ada, "burst", "Project")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        Assert.Equal(1, await ProjectsOfAsync(id));
    }

    [Fact]
    public async Task NoKey_OrAnother_MakesAnother()
    {
        var (ada, id) = await portal.PersonAsync("ada-other");
        foreach (var key in (string?[])["1", "2", null, null])
        {
            Assert.Equal(HttpStatusCode.Created, (await AskAsync(ada, key, "Project")).StatusCode);
        }

        Assert.Equal(4, await ProjectsOfAsync(id));
    }

    [Fact]
    public async Task SameKeyOfAnotherPerson_IsAnotherKey()
    {
        var (ada, adaId) = await portal.PersonAsync("ada-own");
        var (bo, boId) = await portal.PersonAsync("bo-own");
        await AskAsync(ada, "shared", "Project");
        var second = await AskAsync(bo, "shared", "Project");
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal((1, 1), (await ProjectsOfAsync(adaId), await ProjectsOfAsync(boId)));
    }

    [Fact]
    public async Task SameKeyForSomethingElse_IsRefusedByName()
    {
        var (ada, id) = await portal.PersonAsync("ada-else");
        await AskAsync(ada, "k", "Project");
        var other = await AskAsync(ada, "k", "Another");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Contains("Idempotency-Key", await other.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(1, await ProjectsOfAsync(id));
    }

    [Fact]
    public async Task RefusedFirst_CanBeAskedAgain()
    {
        var (ada, id) = await portal.PersonAsync("ada-refused");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(ada, "k", "")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await AskAsync(ada, "k", "Project")).StatusCode);
        Assert.Equal(1, await ProjectsOfAsync(id));
    }

    [Fact]
    public async Task CutOffByTheEndOfTheServer_IsNotDoneTwice()
    {
        var (ada, id) = await portal.PersonAsync("ada-cut");
        await AskAsync(ada, "k", "Project");
        await using (var db = await OpenAsync())
        {
            await db
                .CommandReceipts.Where(r => r.UserId == id)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Ended, false).SetProperty(r => r.Result, (string?)null), Ct);
        }

        Assert.Equal(HttpStatusCode.Conflict, (await AskAsync(ada, "k", "Project")).StatusCode);
        Assert.Equal(1, await ProjectsOfAsync(id));
    }

    [Fact]
    public async Task OldKeys_AreForgotten()
    {
        var (ada, id) = await portal.PersonAsync("ada-old");
        await AskAsync(ada, "k", "Project");
        await using (var db = await OpenAsync())
        {
            await db
                .CommandReceipts.Where(r => r.UserId == id)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(r => r.At, DateTimeOffset.UtcNow - CommandReceipt.KeptFor - TimeSpan.FromMinutes(1)),
                    Ct
                );
        }

        await AskAsync(ada, "another", "Project");
        await using var later = await OpenAsync();
        Assert.Equal("another", Assert.Single(await later.CommandReceipts.Where(r => r.UserId == id).ToListAsync(Ct)).Key);
    }

    [Fact]
    public async Task TooLongKey_IsRefused()
    {
        var (ada, _) = await portal.PersonAsync("ada-long");
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await AskAsync(ada, new string('k', CommandReceipt.MaxKeyLength + 1), "Project")).StatusCode
        );
    }

    private async Task<HttpResponseMessage> AskAsync(HttpClient person, string? key, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/projects")
        {
            Content = JsonContent.Create(new { name, description = "" }),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await person.SendAsync(request, Ct);
    }

    private async Task<int> ProjectsOfAsync(string userId)
    {
        await using var db = await OpenAsync();
        return await db.Memberships.CountAsync(m => m.UserId == userId, Ct);
    }

    private Task<AppDb> OpenAsync() => portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
}
