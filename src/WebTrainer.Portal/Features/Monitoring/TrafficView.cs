using WebTrainer.Domain.Deployments;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Statistics;

namespace WebTrainer.Portal.Features.Monitoring;

/// <summary>How far a page looks back.</summary>
public enum Period
{
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// <summary>One point of the charts.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Served">What callers were sent.</param>
/// <param name="Errors">Of those, how many failed on this side: status 500 and up.</param>
/// <param name="Refused">Of those, how many were refused or hung up.</param>
public sealed record TrafficSlice(DateTimeOffset At, TrafficSums Served, long Errors, long Refused);

/// <summary>What people said of answers.</summary>
public sealed record FeedbackSums(long Good, long Bad, long Corrected)
{
    /// <summary>Share of good ones with its 95 % interval; null where nothing was said.</summary>
    public Interval? GoodShare => Good + Bad == 0 ? null : Wilson.OfShare((double)Good / (Good + Bad), Good + Bad);
}

/// <summary>A version in the time that is looked at.</summary>
public sealed record VersionTraffic(DeploymentVersion Version, TrafficSums Served, TrafficSums Shadow, long Errors, FeedbackSums Feedback)
{
    /// <summary>Share of the shadow's answers that are the live ones to the letter; null where none was held against them.</summary>
    public Interval? SameShare => Shadow.Compared == 0 ? null : Wilson.OfShare((double)Shadow.Same / Shadow.Compared, Shadow.Compared);
}

/// <summary>What one caller used and cost.</summary>
/// <param name="Name">As it named its user; empty for those who named nobody, <see cref="TrafficSums.OtherCallers"/> for the rest.</param>
/// <param name="Cost">Null where the project has no price.</param>
public sealed record CallerTraffic(string Name, CallerSums Used, double? Cost);

/// <summary>An endpoint's traffic in a time.</summary>
/// <param name="Callers">The dearest first; null for those who may not see who asked.</param>
public sealed record TrafficView(
    DateTimeOffset From,
    DateTimeOffset Until,
    TimeSpan Step,
    IReadOnlyList<TrafficSlice> Slices,
    IReadOnlyList<VersionTraffic> Versions,
    TrafficSums Served,
    FeedbackSums Feedback,
    double? Cost,
    string Currency,
    IReadOnlyList<CallerTraffic>? Callers,
    long Lost,
    string? Problem
);

/// <summary>One request as the page of requests shows it.</summary>
/// <param name="VersionNumber">Of the version that answered.</param>
/// <param name="IsGood">What somebody said of it; null for nothing.</param>
public sealed record RequestView(TrafficRecord Record, int VersionNumber, bool? IsGood);
