namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Time left, from how fast a person has answered of late.</summary>
public static class Pace
{
    /// <summary>How many of the latest answers count.</summary>
    public const int Window = 20;
    private const int TooFew = 3;

    /// <summary>Longer gaps are breaks, not work.</summary>
    private static readonly TimeSpan s_break = TimeSpan.FromMinutes(10);

    /// <param name="answered">Times of the latest answers, in any order.</param>
    /// <returns>Seconds; null while there is too little to go by.</returns>
    public static double? SecondsLeft(IEnumerable<DateTimeOffset> answered, int remaining)
    {
        var times = answered.Order().ToList();
        var gaps = times.Zip(times.Skip(1), (before, after) => after - before).Where(gap => gap < s_break).Order().ToList();
        return gaps.Count < TooFew ? null : gaps[gaps.Count / 2].TotalSeconds * remaining;
    }

    /// <summary>The time in words: "3 min left".</summary>
    public static string? InWords(double? seconds) =>
        seconds switch
        {
            null or <= 0 => null,
            < 60 => "less than a minute left",
            < 5400 => $"{Math.Ceiling(seconds.Value / 60):0} min left",
            _ => $"{seconds.Value / 3600:0.#} h left",
        };
}
