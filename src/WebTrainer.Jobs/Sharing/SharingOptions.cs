using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Jobs.Sharing;

/// <summary>
/// How devices are shared. Weights are hours of waiting: what is worth 24 hours goes before what came up to 24 hours earlier. Checked at
/// start;
/// section <c>Sharing</c>.
/// </summary>
public sealed class SharingOptions
{
    public const string Section = "Sharing";

    /// <summary>Device time that was used so long ago counts half.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Who has used nothing of the devices comes so many hours before who has used all of them.</summary>
    [Range(0, 10_000.0)]
    public double FairShareHours { get; set; } = 24;

    /// <summary>
    /// Short work comes so many hours before long work, and a run gives its device to it at its next step. Work counts as short up to
    /// <see cref="ShortWork"/>.
    /// </summary>
    [Range(0, 10_000.0)]
    public double ShortWorkHours { get; set; } = 72;

    /// <summary>A job that a lead ranks high comes so many hours before the project's others, one ranked low so many after them.</summary>
    [Range(0, 10_000.0)]
    public double PriorityHours { get; set; } = 12;

    /// <summary>What is expected to take no longer is short work.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ShortWork { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A run keeps its device at least so long before it gives it to short work.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LeastTurn { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether runs give their device to short work.</summary>
    public bool RunsYield { get; set; } = true;

    /// <summary>Device hours of one person in a calendar month (UTC), over all projects; 0 for as many as there are.</summary>
    [Range(0, 1_000_000.0)]
    public double PersonDeviceHours { get; set; }

    /// <summary>
    /// What goes on after it gave its device away comes before all that have not begun, as far as their shares can part them. Short work
    /// still
    /// comes before it.
    /// </summary>
    internal double GoingOnHours => FairShareHours;

    /// <summary>
    /// No job ever goes before one that came so much earlier and could use the same device: waiting counts without a bound, and all else
    /// has
    /// one. A lead's ranks move either of the two by two steps at most.
    /// </summary>
    public TimeSpan LongestOvertaking => TimeSpan.FromHours(FairShareHours + Math.Max(ShortWorkHours, GoingOnHours) + (4 * PriorityHours));
}
