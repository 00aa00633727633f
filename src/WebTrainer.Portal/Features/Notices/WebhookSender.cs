using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using WebTrainer.Domain.Notices;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>
/// Posts notices to webhooks, signed. Addresses are guarded as those of sources are: nothing of the server's own network is reached unless
/// <c>Sources:AllowedHosts</c> names it, and no redirect is followed.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    /// <summary>Says which delivery it is: the same again is the same notice.</summary>
    public const string IdHeader = "WebTrainer-Delivery";

    /// <summary>Seconds since 1970, when it was signed.</summary>
    public const string TimestampHeader = "WebTrainer-Timestamp";

    /// <summary><c>v1=</c> and the signature of <see cref="WebhookSecrets.Sign(string, string, string)"/>.</summary>
    public const string SignatureHeader = "WebTrainer-Signature";

    private readonly WebhookSecrets _secrets;
    private readonly TimeProvider _time;
    private readonly SafeHttp _safe;
    private readonly HttpClient _http;

    public WebhookSender(IOptions<ConnectorOptions> connectors, IOptions<NoticeOptions> options, WebhookSecrets secrets, TimeProvider time)
    {
        (_secrets, _time) = (secrets, time);
        _safe = new SafeHttp(connectors.Value);
        _http = new HttpClient(_safe.Handler()) { Timeout = TimeSpan.FromSeconds(options.Value.WebhookTimeoutSeconds) };
    }

    /// <returns>Null where it has arrived.</returns>
    public async Task<SendProblem?> SendAsync(Webhook webhook, Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            using var request = Request(webhook, delivery);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode
                ? null
                : new(
                    $"{request.RequestUri!.Host} answered with {(int)response.StatusCode} {response.ReasonPhrase}.",
                    response.StatusCode == HttpStatusCode.Gone
                );
        }
        catch (DataProblemException problem)
        {
            return new(problem.Message, IsFinal: true);
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is DataProblemException guarded
                ? new(guarded.Message, IsFinal: true)
                : new($"The address can't be reached: {e.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new($"The address did not answer in {_http.Timeout.TotalSeconds:0} seconds.");
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _safe.Dispose();
    }

    private HttpRequestMessage Request(Webhook webhook, Delivery delivery)
    {
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, SafeHttp.Parse(webhook.Address))
        {
            Content = new StringContent(delivery.Body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(IdHeader, delivery.Id.ToString());
        request.Headers.Add(TimestampHeader, timestamp);
        request.Headers.Add(SignatureHeader, $"v1={_secrets.Sign(webhook, timestamp, delivery.Body)}");
        return request;
    }
}
