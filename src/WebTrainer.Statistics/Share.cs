namespace WebTrainer.Statistics;

/// <summary>How many of how many, with Wilson's 95 % interval.</summary>
public sealed record Share(long Hits, long Of, double Low, double High)
{
    /// <summary>0 to 1; null where there was nothing to count.</summary>
    public double? Value => Of == 0 ? null : (double)Hits / Of;

    /// <summary>A share with Wilson's 95 % interval.</summary>
    /// <param name="hits">0 to <paramref name="of"/>.</param>
    /// <param name="of">0 gives an interval from 0 to 1.</param>
    public static Share Count(long hits, long of)
    {
        var interval = Wilson.Of(hits, of);
        return new(hits, of, interval.Low, interval.High);
    }

    /// <summary>Counts those for which <paramref name="hit"/> holds.</summary>
    public static Share Count<T>(IReadOnlyCollection<T> all, Func<T, bool> hit) => Count(all.Count(hit), all.Count);
}
