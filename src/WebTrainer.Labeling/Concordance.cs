namespace WebTrainer.Labeling;

/// <summary>How alike two people ranked the same things, without ties.</summary>
public static class Concordance
{
    /// <summary>Share of pairs in the same order, (1 + τ) / 2 of Kendall 1938 (Biometrika 30).</summary>
    /// <param name="one">Best first.</param>
    /// <param name="other">The same things in another order.</param>
    /// <returns>0 for the reverse, 1 for the same order; 1 where there is no pair.</returns>
    /// <exception cref="ArgumentException">They don't rank the same things.</exception>
    public static double Compute(IReadOnlyList<string> one, IReadOnlyList<string> other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var places = other.Index().ToDictionary(thing => thing.Item, thing => thing.Index, StringComparer.Ordinal);
        if (places.Count != one.Count || !one.All(places.ContainsKey))
        {
            throw new ArgumentException("The two rankings are of different things.", nameof(other));
        }

        var pairs = one.SelectMany((first, at) => one.Skip(at + 1).Select(second => places[first] < places[second])).ToList();
        return pairs.Count == 0 ? 1 : pairs.Count(same => same) / (double)pairs.Count;
    }
}
