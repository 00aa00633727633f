namespace WebTrainer.Jobs.Watching;

/// <summary>Chooses the steps whose points are kept, so that a long run's curve stays small.</summary>
/// <remarks>It depends on the step's number alone: a resumed run, or a portal that starts again, keeps the same points.</remarks>
internal sealed class MetricThinning(int maxPoints)
{
    /// <param name="totalSteps">0 where it is not known yet.</param>
    public bool Keeps(int step, int totalSteps)
    {
        // Half of the points are for training, half for validation.
        var stride = Math.Max(1, (int)Math.Ceiling(totalSteps / (maxPoints / 2.0)));
        return step % stride == 0 || step == 1 || step == totalSteps;
    }
}
