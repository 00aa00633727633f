using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>
/// Asks an OpenAI-compatible endpoint's <c>/chat/completions</c>: only where <see cref="SafeHttp"/> may connect to, with limits on time and
/// size.
/// </summary>
public sealed class EndpointClient : IDisposable
{
    /// <summary>Bytes of a reply that are read at most; a verdict has a hundred.</summary>
    private const int MaxReplyBytes = 1 << 20;
    private const int MaxPauseSeconds = 60;
    private readonly ConnectorOptions _connectors;
    private readonly JudgingOptions _options;
    private readonly SafeHttp _safe;
    private readonly HttpClient _http;

    public EndpointClient(IOptions<ConnectorOptions> connectors, IOptions<JudgingOptions> options)
    {
        (_connectors, _options) = (connectors.Value, options.Value);
        _safe = new SafeHttp(_connectors);
        _http = new HttpClient(_safe.Handler())
        {
            Timeout = TimeSpan.FromSeconds(_options.TimeoutSeconds),
            MaxResponseContentBufferSize = MaxReplyBytes,
        };
    }

    /// <summary>Checks an address as somebody typed it.</summary>
    /// <exception cref="DataProblemException">It is none.</exception>
    /// <exception cref="RuleViolationException">A key would go through the network in the clear.</exception>
    public Uri Check(string address, bool hasKey)
    {
        var uri = SafeHttp.Parse(address.TrimEnd('/') + "/chat/completions");
        if (hasKey && uri.Scheme == Uri.UriSchemeHttp && !HostRules.IsNamed(_connectors, uri.Host, uri.Port))
        {
            throw new RuleViolationException("A key is sent over https:// only, so that nobody on the way reads it.");
        }

        return uri;
    }

    /// <summary>Sends one question, and again after a pause where the endpoint is busy or fails.</summary>
    /// <param name="key">Null where the endpoint needs none.</param>
    /// <returns>The reply's text; empty where it wrote none.</returns>
    /// <exception cref="JudgeException">It refuses, or fails time and again.</exception>
    public async Task<string> AskAsync(JudgeSettings settings, string? key, JudgePrompt prompt, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendAsync(settings, key, prompt, cancellationToken);
            }
            catch (JudgeException failure) when (failure.MayPass && attempt < _options.Tries)
            {
                await Task.Delay(
                    failure.Pause ?? TimeSpan.FromSeconds(Math.Min(MaxPauseSeconds, _options.FirstPauseSeconds * Math.Pow(2, attempt - 1))),
                    cancellationToken
                );
            }
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _safe.Dispose();
    }

    private async Task<string> SendAsync(JudgeSettings settings, string? key, JudgePrompt prompt, CancellationToken cancellationToken)
    {
        var address = Check(settings.Address, key is not null);
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = JsonContent.Create(
                new
                {
                    model = settings.Model,
                    messages = new[] { new { role = "system", content = prompt.System }, new { role = "user", content = prompt.User } },
                    temperature = 0,
                    seed = settings.Seed,
                    max_tokens = settings.ReplyTokens,
                }
            ),
        };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? await TextAsync(response, address, cancellationToken) : throw Refusal(response, address);
        }
        catch (HttpRequestException e) when (e.InnerException is DataProblemException refused)
        {
            throw new JudgeException(refused.Message, mayPass: false, e);
        }
        catch (HttpRequestException e)
        {
            throw new JudgeException($"{address.Host} can't be reached, or broke off.", mayPass: true, e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new JudgeException($"{address.Host} did not reply in {_options.TimeoutSeconds} seconds.", mayPass: true, e);
        }
    }

    private static async Task<string> TextAsync(HttpResponseMessage response, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken),
                cancellationToken: cancellationToken
            );
            var message = json.RootElement.GetProperty("choices")[0].GetProperty("message");
            return message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String
                ? content.GetString()!
                : "";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new JudgeException(
                $"{address.Host} answered, but not as an OpenAI-compatible endpoint does. Look at the address: it usually ends in /v1.",
                mayPass: false,
                e
            );
        }
    }

    /// <summary>By the status alone: what an endpoint writes beside it may repeat what it was sent.</summary>
    private static JudgeException Refusal(HttpResponseMessage response, Uri address) =>
        response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(
                $"{address.Host} refuses the key ({(int)response.StatusCode}). Give the judge a key that may use its model.",
                mayPass: false
            ),
            HttpStatusCode.NotFound => new(
                $"{address.Host} knows no such address or model (404). The address usually ends in /v1, and the model is named as the endpoint names it.",
                mayPass: false
            ),
            HttpStatusCode.TooManyRequests => new(
                $"{address.Host} is asked too often (429). Try again later, or set Judging:RequestsAtOnce lower.",
                mayPass: true
            )
            {
                Pause = PauseOf(response),
            },
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => new(
                $"{address.Host} failed ({(int)response.StatusCode}).",
                mayPass: true
            )
            {
                Pause = PauseOf(response),
            },
            _ => new($"{address.Host} refuses the question ({(int)response.StatusCode} {response.ReasonPhrase}).", mayPass: false),
        };

    private static TimeSpan? PauseOf(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter is not { } after
            ? null
            : after.Delta ?? (after.Date is { } until ? until - DateTimeOffset.UtcNow : null);
        return wait is { } pause ? TimeSpan.FromSeconds(Math.Clamp(pause.TotalSeconds, 0, MaxPauseSeconds)) : null;
    }
}

/// <summary>A judge could not be asked; the message is a sentence for the person who asked.</summary>
/// <param name="mayPass">Asking again may help.</param>
public sealed class JudgeException(string message, bool mayPass, Exception? cause = null) : Exception(message, cause)
{
    public bool MayPass { get; } = mayPass;

    /// <summary>How long to wait, where the endpoint says so.</summary>
    public TimeSpan? Pause { get; init; }
}
