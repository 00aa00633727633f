namespace WebTrainer.Portal.Components.Charts;

/// <summary>A line of points, in order of x.</summary>
/// <param name="Color">Of the theme or its palette of curves.</param>
/// <param name="Quiet">Drawn thin and pale, behind the others and not in the legend.</param>
public sealed record XySeries(string Name, IReadOnlyList<(double X, double Y)> Points, string Color, bool Quiet = false)
{
    /// <summary>Dots instead of a line.</summary>
    public bool Dots { get; init; }
}
