namespace WebTrainer.Scoring.Benchmarks;

/// <summary>Random choices of a benchmark, all from its seed, the same on every machine.</summary>
internal static class QuestionDraw
{
    /// <summary>At most so many, in their own order.</summary>
    public static IReadOnlyList<T> Some<T>(IReadOnlyList<T> all, int? most, long seed)
    {
        if (most is not { } count || count >= all.Count)
        {
            return all;
        }

        int[] places = [.. Enumerable.Range(0, all.Count)];
        Random(seed, 0).Shuffle(places);
        return [.. places.Take(count).Order().Select(place => all[place])];
    }

    public static Random Random(long seed, long stream) => new(unchecked((int)(seed * 397 ^ stream * 486187739)));
}
