namespace WebTrainer.Statistics;

/// <summary>
/// Random choices that depend on the seed and nothing else, the same on every platform and in every version: SplitMix64 (Steele, Lea and
/// Flood, OOPSLA 2014).
/// </summary>
public struct SplitMix(ulong state)
{
    private ulong _state = state;

    /// <summary>One of many streams of a seed; streams of near numbers have nothing in common.</summary>
    public static SplitMix Of(long seed, long stream) =>
        new(unchecked(((ulong)seed * 0x9E3779B97F4A7C15) ^ ((ulong)stream * 0xD1B54A32D192ED03)));

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, not with, the limit, which must be above 0.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>0 to 1, 1 excluded.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The numbers 0 to count-1 in random order (Fisher-Yates).</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
