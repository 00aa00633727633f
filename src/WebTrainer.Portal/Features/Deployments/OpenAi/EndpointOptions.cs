using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>Settings of section <c>Endpoint</c>: what one key may ask of <c>/v1</c>.</summary>
public sealed class EndpointOptions
{
    public const string Section = "Endpoint";

    /// <summary>Requests of one key in a minute.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinuteOfKey { get; set; } = 6_000;

    /// <summary>Requests of one key that may be under way at once.</summary>
    [Range(1, 10_000)]
    public int RequestsAtOnceOfKey { get; set; } = 32;
}
