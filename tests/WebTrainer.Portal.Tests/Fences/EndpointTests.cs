using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Features.Deployments.Keys;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Fences;

/// <summary>What a key may send to <c>/v1</c>, and what is said of the rest.</summary>
public sealed class EndpointTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static int s_people;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyOverTheLimit_Is413_ItsLengthToldOrNot(bool told)
    {
        var body = Encoding.UTF8.GetBytes("{\"model\":\"x\",\"prompt\":\"" + new string('a', 5 << 20) + "\"}");
        foreach (var path in (string[])["/v1/completions", "/v1/chat/completions", "/v1/classify"])
        {
            using HttpContent content = told ? new ByteArrayContent(body) : new StreamContent(new UnknownLength(body));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            Assert.Equal(told, content.Headers.ContentLength is not null);
            var (status, error, _) = await SendAsync(path, content);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
            Assert.Contains("at most", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"model":"x","messages":[{"role":"user","content":"a\ud83d"}]}""", "'messages[0].content'")]
    [InlineData("""{"model":"x","prompt":"\udc00 b"}""", "'prompt'")]
    [InlineData("""{"model":"x","stop":["a","\ud800\ud800"]}""", "'stop[1]'")]
    [InlineData("""{"model":"\ud83d"}""", "'model'")]
    [InlineData("""{"model":"x","input":[{"text":"a","pair":"\ud83d"}]}""", "'input[0].pair'")]
    [InlineData("""{"model":"x","user":"\ud83d"}""", "'user'")]
    [InlineData("""{"model":"x","\ud83d":1}""", "name of a field")]
    [InlineData("""{"model":"x","max_tokens":"many"}""", "'max_tokens'")]
    [InlineData("""{"model":"x","top_k":1.5}""", "'top_k'")]
    [InlineData("""{"model":"x","messages":[{"role":7}]}""", "'messages[0].role'")]
    [InlineData("""{"model":"x",""", "line 1, byte")]
    [InlineData("{\"model\":\"x\",\n\"prompt\":nope}", "line 2, byte")]
    [InlineData("[]", "the value")]
    [InlineData("null", "null")]
    [InlineData("", "byte 1")]
    public async Task BrokenBody_Is400_WithThePlace(string body, string place)
    {
        foreach (var path in (string[])["/v1/completions", "/v1/chat/completions", "/v1/classify"])
        {
            var (status, error, text) = await SendAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
            if (status == HttpStatusCode.NotFound || text.Contains("is not known here", StringComparison.Ordinal))
            {
                continue; // a field that another endpoint reads
            }

            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(place, error.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task BytesThatAreNoUtf8_Are400_WithThePlace()
    {
        byte[] body = [.. "{\"model\":\"x\",\"prompt\":\"a"u8, 0xFF, .. "\"}"u8];
        var (status, error, _) = await SendAsync(
            "/v1/completions",
            new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }
        );
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("'prompt'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("POST", "/v1/models")]
    [InlineData("POST", "/v1/moderations")]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v1/assistants/a/b")]
    public async Task WhatIsNotHere_Is404InTheClientsForm_AndAWrongKey401(string method, string path)
    {
        using var known = await KeyAsync(portal);
        using var anyone = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        foreach (
            var (client, status, code) in ((HttpClient, HttpStatusCode, string)[])
                [(known, HttpStatusCode.NotFound, "unknown_url"), (anyone, HttpStatusCode.Unauthorized, "invalid_api_key")]
        )
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var answer = await client.SendAsync(request, Ct);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(
                code,
                JsonDocument
                    .Parse(await answer.Content.ReadAsStringAsync(Ct))
                    .RootElement.GetProperty("error")
                    .GetProperty("code")
                    .GetString()
            );
        }
    }

    [Fact]
    public async Task Model_ByItsName_IsDescribedAsInTheList_AndAnUnknownOneIs404()
    {
        using var client = await KeyAsync(portal);
        var listed = JsonDocument.Parse(await client.GetStringAsync("/v1/models", Ct)).RootElement.GetProperty("data")[0];
        var one = JsonDocument.Parse(await client.GetStringAsync("/v1/models/" + listed.GetProperty("id").GetString(), Ct)).RootElement;
        Assert.Equal(listed.GetRawText(), one.GetRawText());
        using var unknown = await client.GetAsync("/v1/models/team/none", Ct);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("model_not_found", await unknown.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherContent_Is415() =>
        Assert.Equal(
            HttpStatusCode.UnsupportedMediaType,
            (await SendAsync("/v1/completions", new StringContent("model=x", Encoding.UTF8, "application/x-www-form-urlencoded"))).Status
        );

    [Fact]
    public async Task KeyThatAsksTooOften_Is429_WithATime_AndOthersAreServed()
    {
        await using var strict = new WebPortal { Settings = { ["Endpoint:RequestsPerMinuteOfKey"] = "3" } };
        using var greedy = await KeyAsync(strict);
        using var other = await KeyAsync(strict);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await greedy.GetAsync("/v1/models", Ct)).StatusCode);
        }

        using var refused = await greedy.GetAsync("/v1/models", Ct);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("rate_limit", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/v1/models", Ct)).StatusCode);
    }

    [Fact]
    public void KeyWithTooManyUnderWay_WaitsForOneToEnd()
    {
        using var limits = new KeyLimits(Options.Create(new EndpointOptions { RequestsAtOnceOfKey = 2, RequestsPerMinuteOfKey = 100 }));
        var (key, other) = (Guid.NewGuid(), Guid.NewGuid());
        using var first = limits.Enter(key, new KeyBounds());
        var second = limits.Enter(key, new KeyBounds());
        var refusal = Assert.Throws<OpenAiException>(() => limits.Enter(key, new KeyBounds()));
        Assert.Equal(429, refusal.Status);
        Assert.NotNull(refusal.RetryAfter);
        using var beside = limits.Enter(other, new KeyBounds());
        second.Dispose();
        using var third = limits.Enter(key, new KeyBounds());
    }

    [Theory]
    [InlineData("""{"name":7}""", "'name'")]
    [InlineData("""{"name":"x",""", "line 1")]
    [InlineData("""{"name":"\ud83d"}""", "'name'")]
    public async Task BrokenBodyToTheApi_SaysWhere(string body, string place)
    {
        var (client, _) = await portal.PersonAsync($"api-body{Interlocked.Increment(ref s_people)}");
        using var answer = await client.PostAsync("/api/v1/projects", new StringContent(body, Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var title = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("title").GetString();
        Assert.Contains(place, title, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", title, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, JsonElement Error, string Text)> SendAsync(string path, HttpContent content)
    {
        using var client = await KeyAsync(portal);
        using var answer = await client.PostAsync(path, content, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        return (answer.StatusCode, JsonDocument.Parse(text).RootElement.GetProperty("error"), text);
    }

    private static async Task<HttpClient> KeyAsync(WebPortal portal)
    {
        var (_, leadId) = await portal.PersonAsync($"endpoint{Interlocked.Increment(ref s_people)}");
        var project = await portal.ProjectAsync(leadId);
        var secret = SecretToken.Create(ApiKey.Prefix);
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        db.ApiKeys.Add(new ApiKey(project, "test", secret, leadId, DateTimeOffset.UtcNow, bounds: new KeyBounds { ReachesRuns = true }));
        await db.SaveChangesAsync(Ct);
        var client = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    /// <summary>Is sent in chunks, since nobody knows how long it is.</summary>
    private sealed class UnknownLength(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }
}
