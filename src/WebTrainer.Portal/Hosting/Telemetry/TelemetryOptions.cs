using System.ComponentModel.DataAnnotations;
using OpenTelemetry.Exporter;

namespace WebTrainer.Portal.Hosting.Telemetry;

/// <summary>
/// Settings of section <c>Telemetry</c>: where metrics, traces and logs go. Without any of them nothing leaves the server.
/// </summary>
public sealed class TelemetryOptions : IValidatableObject
{
    public const string Section = "Telemetry";

    /// <summary>Fewest characters of <see cref="MetricsToken"/>.</summary>
    public const int MinTokenLength = 16;

    /// <summary>Address of an OpenTelemetry collector, as <c>http://collector:4317</c>; empty for none.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>
    /// <c>Grpc</c> or <c>HttpProtobuf</c>; the latter is asked at <c>/v1/traces</c>, <c>/v1/metrics</c> and <c>/v1/logs</c>.
    /// </summary>
    public OtlpExportProtocol OtlpProtocol { get; set; } = OtlpExportProtocol.Grpc;

    /// <summary>
    /// Headers of each export, as <c>key=value,key=value</c>. Give secrets as the variable <c>Telemetry__OtlpHeaders</c>.
    /// </summary>
    public string OtlpHeaders { get; set; } = "";

    /// <summary>Name of this server among others.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ServiceName { get; set; } = "webtrainer";

    /// <summary>Share of traces that are kept, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double TraceShare { get; set; } = 1;

    /// <summary>
    /// By this token (<c>Authorization: Bearer …</c>) <c>/metrics</c> is read; empty shuts it. Give it as the variable
    /// <c>Telemetry__MetricsToken</c>.
    /// </summary>
    public string MetricsToken { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            OtlpEndpoint.Length > 0
            && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        )
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(OtlpEndpoint)} is no address. Give it as http://collector:4317.",
                [nameof(OtlpEndpoint)]
            );
        }

        if (MetricsToken.Length is > 0 and < MinTokenLength)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(MetricsToken)} has fewer than {MinTokenLength} characters. Make one with: openssl rand -hex 32",
                [nameof(MetricsToken)]
            );
        }
    }
}
