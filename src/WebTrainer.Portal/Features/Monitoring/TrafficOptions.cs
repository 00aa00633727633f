using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>Settings of section <c>Traffic</c>: what is kept of requests to endpoints.</summary>
public sealed class TrafficOptions
{
    public const string Section = "Traffic";

    /// <summary>Days that each request's own record is kept; sums of its hour stay.</summary>
    [Range(1, 3650)]
    public int RowDays { get; set; } = 90;

    /// <summary>Records that wait to be written at most; where the disk is slower than the callers, more are counted as lost.</summary>
    [Range(1, 10_000_000)]
    public int MaxWaiting { get; set; } = 100_000;

    /// <summary>What a kill of the portal may cost: records are written this often.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:01")]
    public TimeSpan WriteEvery { get; set; } = TimeSpan.FromMilliseconds(250);
}
