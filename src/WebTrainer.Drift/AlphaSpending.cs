namespace WebTrainer.Drift;

/// <summary>
/// How much chance of a false alarm a window may spend, so that a whole period of windows has at most a given one: as much for each window
/// (Lan and DeMets, Biometrika 70, 1983, with the linear spending function). By Bonferroni's inequality that holds however the windows
/// hang together, as they do where all are held against one reference.
/// </summary>
/// <remarks>
/// Within a window, measures are corrected by <see cref="Statistics.Holm"/>. Benjamini and Hochberg's way over windows would need all
/// windows before it decides of the first; those that decide at once (LORD, SAFFRON) keep the share of false among all alarms small, and so
/// give the quiet windows, which have no other alarms, hardly anything after the first dozens. An even share doesn't fade.
/// </remarks>
public sealed record AlphaSpending
{
    /// <summary>Chance of any false alarm in a period, above 0 and below 1.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>Windows of a period, 1 or more; 1 where somebody looks once.</summary>
    public int Windows { get; init; } = 60;

    /// <summary>What one window may spend.</summary>
    /// <exception cref="NotComparableException">Level or windows are out of range.</exception>
    public double OfWindow() =>
        Level is > 0 and < 1 && Windows >= 1
            ? Level / Windows
            : throw new NotComparableException(
                $"The level is {Level} and a period has {Windows} windows; the level must lie between 0 and 1, and a period have at least one window."
            );
}
