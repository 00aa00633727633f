namespace WebTrainer.Learning.Training;

/// <summary>Training produced a number that is not finite.</summary>
public sealed class DivergedException(int step, double loss, double gradientNorm)
    : Exception($"Training diverged at step {step}: loss {loss}, gradient norm {gradientNorm}.")
{
    public int Step { get; } = step;
}
