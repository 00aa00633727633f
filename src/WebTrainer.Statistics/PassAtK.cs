namespace WebTrainer.Statistics;

/// <summary>Chance that at least one of k tries passes (Chen et al., arXiv:2107.03374, section 2.1).</summary>
public static class PassAtK
{
    /// <summary>Without bias, from n tries of which c passed: <c>1 - Π_{i=n-c+1..n} (1 - k/i)</c>; 1 where fewer than k failed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More tries passed, or are asked about, than there are.</exception>
    public static double Of(int tries, int passed, int k)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passed, tries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, tries);
        if (tries - passed < k)
        {
            return 1;
        }

        var allFail = 1.0;
        for (var i = tries - passed + 1; i <= tries; i++)
        {
            allFail *= 1 - (double)k / i;
        }

        return 1 - allFail;
    }
}
