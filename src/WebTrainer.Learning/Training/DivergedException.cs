namespace WebTrainer.Learning.Training;

/// <summary>Training produced a number that is not finite.</summary>
/// <param name="where">Part of the model where it first shows; null if it can't be told.</param>
public sealed class DivergedException(int step, double loss, double gradientNorm, string? where)
    : Exception($"Training diverged at step {step}{(where is null ? "" : $" in {where}")}: loss {loss}, gradient norm {gradientNorm}.")
{
    public int Step { get; } = step;

    public string? Where { get; } = where;
}
