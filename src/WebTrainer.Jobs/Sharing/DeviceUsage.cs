namespace WebTrainer.Jobs.Sharing;

/// <summary>A person in a project: whose device time is counted together.</summary>
public readonly record struct Sharer(Guid ProjectId, string UserId);

/// <summary>
/// Device time that was used, decayed: a second counts half for each half-life since (Slurm's <c>PriorityDecayHalfLife</c>,
/// https://slurm.schedmd.com/priority_multifactor.html).
/// </summary>
public static class DeviceUsage
{
    /// <summary>Half-lives after which a use counts for less than a thousandth and is left out.</summary>
    public const int HalfLivesKept = 10;

    /// <summary>
    /// Seconds that count now of a use from <paramref name="from"/> to <paramref name="until"/>: the integral of 2^(−age / half-life).
    /// </summary>
    public static double Decayed(DateTimeOffset from, DateTimeOffset until, DateTimeOffset now, TimeSpan halfLife)
    {
        var life = halfLife.TotalSeconds;
        double Left(DateTimeOffset then) => Math.Pow(2, -Math.Max(0, (now - then).TotalSeconds) / life);
        return until <= from ? 0 : life / Math.Log(2) * (Left(until) - Left(from));
    }
}
