namespace WebTrainer.Drift;

/// <summary>How a monitor looks.</summary>
public sealed record DriftSettings
{
    /// <summary>The fewest rows of either side from which anything is said.</summary>
    public const int LeastRows = 10;

    /// <summary>Makes vectors of texts, one each and of one length, near each other where they mean the same; null: nothing is said of
    /// meaning. It may not know which texts are the window's.</summary>
    public Func<IReadOnlyList<string>, IReadOnlyList<float[]>>? Embed { get; init; }

    /// <summary>How much chance of a false alarm there may be.</summary>
    public AlphaSpending Spending { get; init; } = new();

    /// <summary>Most permutations of a test. The smallest p, 1 / (draws + 1), must pass the correction of all measures.</summary>
    public int Draws { get; init; } = 11_999;

    /// <summary>Of samples and permutations: the same rows and seed give the same report.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Rows of the reference among which neighbours are looked for; all pairs of them are compared once.</summary>
    public int NeighbourRows { get; init; } = 4_000;

    /// <summary>Rows of the reference that the classifier learns from.</summary>
    public int ClassifierRows { get; init; } = 1_500;

    /// <summary>Rows of either side for MMD², whose memory grows with their square.</summary>
    public int KernelRows { get; init; } = 500;

    /// <summary>Rows of a window of which vectors are made; a larger window gives as many, spread by the seed.</summary>
    public int WindowRows { get; init; } = 2_000;

    /// <summary>Rows named by a finding.</summary>
    public int Examples { get; init; } = 5;
}
