namespace WebTrainer.Learning.Training;

/// <summary>Training produced a number that is not finite.</summary>
/// <param name="step">From 1.</param>
/// <param name="loss">Of the step, as it was.</param>
/// <param name="gradientNorm">Before clipping.</param>
/// <param name="where">Part of the model where it first shows; null if it can't be told.</param>
public sealed class DivergedException(int step, double loss, double gradientNorm, string? where)
    : Exception($"Training diverged at step {step}{(where is null ? "" : $" in {where}")}: loss {loss}, gradient norm {gradientNorm}.")
{
    /// <summary>The step that was not done, from 1.</summary>
    public int Step { get; } = step;

    /// <summary>Part of the model whose output is the first that is not finite; null if it can't be told.</summary>
    public string? Where { get; } = where;
}
