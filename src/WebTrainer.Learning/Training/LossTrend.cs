namespace WebTrainer.Learning.Training;

/// <summary>
/// Where the loss of the last steps lies, and the lowest that this ever was. Kept with a run's checkpoints, so that a resumed run judges as
/// the unbroken one.
/// </summary>
/// <param name="Mean">Moving mean of the steps' losses, in nats, with a memory of about ten steps.</param>
/// <param name="Lowest">Of all means so far.</param>
/// <param name="LostSteps">Steps since the mean rose above what guessing loses.</param>
public sealed record LossTrend(double Mean, double Lowest, int LostSteps = 0)
{
    private const double Memory = 0.9;

    /// <summary>The trend behind a run's first step.</summary>
    /// <param name="loss">In nats.</param>
    public static LossTrend Begin(double loss) => new(loss, loss);

    /// <param name="loss">Of the step, in nats.</param>
    /// <param name="lost">From this mean on nothing is left of what was learned.</param>
    public LossTrend After(double loss, double lost)
    {
        var mean = (Memory * Mean) + ((1 - Memory) * loss);
        return new(mean, Math.Min(Lowest, mean), mean > lost ? LostSteps + 1 : 0);
    }
}
