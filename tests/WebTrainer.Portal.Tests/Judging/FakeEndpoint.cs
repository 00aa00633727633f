using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WebTrainer.Portal.Tests.Judging;

/// <summary>One question as the endpoint got it.</summary>
/// <param name="Request">Text between the marks.</param>
/// <param name="B">Null where one answer is scored.</param>
public sealed record AskedQuestion(string Key, string System, string User, string Request, string A, string? B, JsonElement Body);

/// <summary>A small server that speaks as OpenAI-compatible endpoints do, and judges as a test says.</summary>
public sealed class FakeEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeEndpoint(WebApplication app) => _app = app;

    public string Address => _app.Urls.First() + "/v1";

    public ConcurrentQueue<AskedQuestion> Asked { get; } = new();

    /// <summary>What it replies.</summary>
    public Func<AskedQuestion, string> Reply { get; set; } = _ => "A";

    /// <summary>Status of each request by its number from 1; null for 200.</summary>
    public Func<int, int?> Status { get; set; } = _ => null;

    /// <summary>Held before it replies.</summary>
    public Func<int, CancellationToken, Task> Hold { get; set; } = (_, _) => Task.CompletedTask;

    private int _requests;

    public static async Task<FakeEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var endpoint = new FakeEndpoint(app);
        app.MapPost("/v1/chat/completions", endpoint.AnswerAsync);
        await app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _requests);
        await Hold(number, cancellationToken);
        if (Status(number) is { } status)
        {
            if (status == StatusCodes.Status429TooManyRequests)
            {
                request.HttpContext.Response.Headers.RetryAfter = "0";
            }

            return Results.StatusCode(status);
        }

        var body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: cancellationToken);
        var question = Read(body, request.Headers.Authorization.ToString());
        Asked.Enqueue(question);
        return Results.Json(
            new
            {
                choices = new[]
                {
                    new
                    {
                        index = 0,
                        message = new { role = "assistant", content = Reply(question) },
                        finish_reason = "stop",
                    },
                },
            }
        );
    }

    private static AskedQuestion Read(JsonElement body, string authorization)
    {
        var messages = body.GetProperty("messages");
        var (system, user) = (messages[0].GetProperty("content").GetString()!, messages[1].GetProperty("content").GetString()!);
        var mark = user[1..17];
        string? Part(string name) =>
            user.Split($"[{mark} begin {name}]\n") is [_, var rest] ? rest.Split($"\n[{mark} end {name}]")[0] : null;
        return new(authorization, system, user, Part("request")!, Part("answer A") ?? Part("answer")!, Part("answer B"), body);
    }
}
