namespace WebTrainer.Drift;

/// <summary>What a test of no difference gives.</summary>
/// <param name="Statistic">In the unit that the test says.</param>
/// <param name="PValue">Chance of a statistic at least as far from no difference, were there none; 0 to 1.</param>
public sealed record TestResult(double Statistic, double PValue);
