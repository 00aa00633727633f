using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace WebTrainer.Portal.Hosting.Telemetry;

/// <summary>Metrics, traces and logs by OpenTelemetry: to a collector, and as text for Prometheus.</summary>
public static class PortalTelemetry
{
    /// <summary>Meters and sources of spans that are ours begin with it.</summary>
    private const string Ours = "WebTrainer.*";

    /// <summary>Clicks on pages: what a circuit does for one is a span of the framework's.</summary>
    private const string Clicks = "Microsoft.AspNetCore.Components";
    private static readonly string[] s_serverMeters =
    [
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Components.Server.Circuits",
    ];

    // Secrets stand in addresses of accounts (invitations, resets), and what a page's circuit or its styles need is no work.
    private static readonly string[] s_untraced =
    [
        "/account",
        "/signin-oidc",
        "/_blazor",
        "/_framework",
        "/_content",
        "/health",
        "/metrics",
    ];

    public static void AddPortalTelemetry(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOptions<TelemetryOptions>()
            .BindConfiguration(TelemetryOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();
        var sends = Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out _);
        if (!sends && options.MetricsToken.Length == 0)
        {
            return; // nobody looks: nothing is counted twice
        }

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(options.ServiceName));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter([Ours, .. s_serverMeters]).AddRuntimeInstrumentation();
            if (options.MetricsToken.Length > 0)
            {
                metrics.AddPrometheusExporter();
            }

            if (sends)
            {
                metrics.AddOtlpExporter(export => Send(export, options, "metrics"));
            }
        });
        if (sends)
        {
            telemetry.WithTracing(traces =>
                traces
                    .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceShare)))
                    .AddSource(Ours, Clicks)
                    .AddAspNetCoreInstrumentation(requests => requests.Filter = IsWork)
                    .AddOtlpExporter(export => Send(export, options, "traces"))
            );
            telemetry.WithLogging(logs => logs.AddOtlpExporter(export => Send(export, options, "logs")));
        }
    }

    private static bool IsWork(HttpContext http) =>
        !Array.Exists(s_untraced, path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase));

    // Set by hand, the exporter no longer adds the path of its signal by itself.
    private static void Send(OtlpExporterOptions export, TelemetryOptions options, string signal)
    {
        var address = new Uri(options.OtlpEndpoint);
        export.Protocol = options.OtlpProtocol;
        export.Headers = options.OtlpHeaders;
        export.Endpoint =
            options.OtlpProtocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{options.OtlpEndpoint.TrimEnd('/')}/v1/{signal}") : address;
    }
}
