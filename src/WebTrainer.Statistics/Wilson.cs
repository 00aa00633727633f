namespace WebTrainer.Statistics;

/// <summary>Score interval of a share (Wilson 1927), which stays within 0 and 1 and holds for few rows too.</summary>
public static class Wilson
{
    private const double Z95 = 1.959963984540054;

    /// <returns>Ends of the 95 % interval; 0 and 1 where there are no trials.</returns>
    public static Interval Of(long successes, long trials) => OfShare(trials == 0 ? 0 : (double)successes / trials, trials);

    /// <summary>
    /// Of a mean of values between 0 and 1. No such values vary more than zeros and ones of the same mean, so that it is never too narrow.
    /// </summary>
    /// <param name="share">The mean, 0 to 1.</param>
    /// <param name="trials">Need not be whole: those that a figure is worth.</param>
    public static Interval OfShare(double share, double trials)
    {
        if (trials == 0)
        {
            return new(0, 1);
        }

        var z2 = Z95 * Z95 / trials;
        var centre = (share + z2 / 2) / (1 + z2);
        var half = Z95 * Math.Sqrt(share * (1 - share) / trials + z2 / (4 * trials)) / (1 + z2);
        return new(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
