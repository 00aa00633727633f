namespace WebTrainer.Statistics;

/// <summary>Where a figure lies with 95 % confidence.</summary>
/// <param name="Low">Lower end, in the figure's own unit; −∞ where nothing is known.</param>
/// <param name="High">Upper end; +∞ where nothing is known.</param>
public sealed record Interval(double Low, double High);
