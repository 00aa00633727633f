namespace WebTrainer.Learning.Models;

/// <summary>Feed-forward parts of which each token takes a few.</summary>
/// <param name="Count">Experts of a layer.</param>
/// <param name="Chosen">Experts that a token takes.</param>
/// <param name="IntermediateSize">Width inside one.</param>
/// <param name="Normalised">The shares of the chosen sum to 1.</param>
public sealed record ExpertConfig(int Count, int Chosen, int IntermediateSize, bool Normalised)
{
    /// <summary>Every so many layers, the last of them, one has experts.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Layers that have none in spite of <see cref="Every"/>.</summary>
    public IReadOnlyList<int> Without { get; init; } = [];

    /// <summary>
    /// All experts of a layer are one tensor, with offsets, and their inner values are clamped to this (gpt-oss); null where each has maps
    /// of its own.
    /// </summary>
    public double? StackedLimit { get; init; }

    internal bool IsIn(int layer) => (layer + 1) % Every == 0 && !Without.Contains(layer);
}
