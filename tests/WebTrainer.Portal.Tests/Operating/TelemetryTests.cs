using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Hosting.Telemetry;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Operating;

/// <summary>What leaves the server for those who watch over it: only where a setting says so, and nothing of people's.</summary>
public sealed class TelemetryTests
{
    private const string Token = "a-token-of-prometheus";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_AreReadByTheTokenAlone_AndHaveOurInstruments()
    {
        await using var portal = new WebPortal { Settings = { ["Telemetry:MetricsToken"] = Token } };
        using var client = portal.CreateClient();
        portal.Services.GetRequiredService<AnswersMeter>().Answered(200, false, 7, 5, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/metrics", Ct)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token + "x");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/metrics", Ct)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var text = await client.GetStringAsync("/metrics", Ct);

        Assert.Matches("""webtrainer_answers_tokens_total\{[^}]*type="prompt"[^}]*\} 7""", text);
        Assert.Matches("""webtrainer_answers_total\{[^}]*status="200"[^}]*\} 1""", text);
        Assert.Matches("(?m)^webtrainer_jobs_queued", text);
        Assert.Matches("(?m)^http_server_request_duration_seconds", text);
    }

    [Fact]
    public async Task Metrics_WithoutATokenInTheSettings_AreNoPage()
    {
        await using var portal = new WebPortal();
        using var client = portal.CreateClient(new() { AllowAutoRedirect = false });
        Assert.Equal(HttpStatusCode.Found, (await client.GetAsync("/metrics", Ct)).StatusCode); // to the sign-in, as any address
    }

    [Theory]
    [InlineData("MetricsToken", "short", "fewer than 16 characters")]
    [InlineData("OtlpEndpoint", "collector:4317", "is no address")]
    [InlineData("TraceShare", "2", "between 0 and 1")]
    public void SettingThatIsWrong_IsToldByASentence(string setting, string value, string sentence)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(setting, (string?)value)]).Build();
        var options = settings.Get<TelemetryOptions>()!;
        var faults = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true));
        Assert.Contains(sentence, Assert.Single(faults).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collector_GetsMetricsTracesAndLogs_WithoutWhatStandsInAddresses()
    {
        await using var collector = await Collector.StartAsync();
        await using (
            var portal = new WebPortal
            {
                Settings = { ["Telemetry:OtlpEndpoint"] = collector.Address, ["Telemetry:OtlpProtocol"] = "HttpProtobuf" },
            }
        )
        {
            using var client = portal.CreateClient();
            using var search = await client.GetAsync("/scalar/v1?words=canary-of-a-query", Ct);
            using var invitation = await client.GetAsync("/account/join/canary-of-an-invitation", Ct);
            portal.Services.GetRequiredService<ILogger<TelemetryTests>>().LogWarning("A line of the log");
            portal.Services.GetRequiredService<TracerProvider>().Shutdown();
            portal.Services.GetRequiredService<MeterProvider>().Shutdown();
            portal.Services.GetRequiredService<LoggerProvider>().Shutdown();
        }

        Assert.Contains("scalar", collector.TextOf("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("webtrainer.jobs.queued", collector.TextOf("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("A line of the log", collector.TextOf("/v1/logs"), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", collector.TextOf(""), StringComparison.Ordinal);
    }

    /// <summary>Keeps what is sent to it. Protobuf has texts as they are, so that they are found without its schema.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Text)> _received = new();
        private readonly WebApplication _server;

        private Collector(WebApplication server) => _server = server;

        public string Address => _server.Urls.First();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var collector = new Collector(builder.Build());
            collector._server.MapPost(
                "/v1/{signal}",
                async (HttpRequest request) =>
                {
                    using var body = new MemoryStream();
                    await request.Body.CopyToAsync(body);
                    collector._received.Enqueue((request.Path, Encoding.Latin1.GetString(body.ToArray())));
                }
            );
            await collector._server.StartAsync(Ct);
            return collector;
        }

        public string TextOf(string path) =>
            string.Concat(_received.Where(r => r.Path.StartsWith(path, StringComparison.Ordinal)).Select(r => r.Text));

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
