namespace WebTrainer.Search.Samplers;

/// <summary>Chooses the next trial from those that were.</summary>
/// <remarks>
/// What it chooses depends on space, seed and history alone: a search that goes on after a restart goes on as if there had been none.
/// </remarks>
public interface ISampler
{
    /// <summary>The point of the next trial.</summary>
    /// <param name="space">One without a fault; the same in each call of a search.</param>
    /// <param name="history">Trials so far in order; the next one's number is their count.</param>
    /// <param name="seed">Of the search, the same in each call; with the history it says all that is drawn.</param>
    /// <returns>The values to try; null when there is nothing left to try.</returns>
    IReadOnlyDictionary<string, double>? Next(SearchSpace space, IReadOnlyList<Trial> history, long seed);
}

/// <summary>How a search chooses its next trial.</summary>
public enum SamplerKind
{
    /// <summary>See <see cref="TpeSampler"/>.</summary>
    Tpe,

    /// <summary>See <see cref="GaussianSampler"/>.</summary>
    GaussianProcess,

    /// <summary>See <see cref="RandomSampler"/>.</summary>
    Random,

    /// <summary>See <see cref="GridSampler"/>; the one kind that can run out of points.</summary>
    Grid,
}

/// <summary>Makes the sampler of a kind, with its usual settings.</summary>
public static class SamplerChoice
{
    /// <summary>One that keeps nothing between calls: it may be made anew each time.</summary>
    /// <param name="kind">As the search was submitted with it.</param>
    /// <param name="trials">Trials of the whole search: what a grid divides its axes by.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static ISampler Of(SamplerKind kind, int trials) =>
        kind switch
        {
            SamplerKind.Tpe => new TpeSampler(),
            SamplerKind.GaussianProcess => new GaussianSampler(),
            SamplerKind.Random => new RandomSampler(),
            SamplerKind.Grid => new GridSampler(trials),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
}
