namespace WebTrainer.Learning.Training;

/// <summary>
/// A classifier that had learned and fell back to guessing: from some step on all rows get one answer, because too high a learning rate
/// broke the layers while the loss was near zero and no gradient was left to bring them back. It goes on for ever, at finite losses.
/// </summary>
public static class Relapse
{
    /// <summary>Parts of the loss of guessing: below the first something was learned, above the second it is lost.</summary>
    private const double Learned = 0.5,
        Lost = 0.9;

    /// <summary>A batch or two of hard rows lift the mean for less than so many steps.</summary>
    private const int Steps = 10;

    /// <summary>A run that fell begins again with the learning rate times this.</summary>
    public const double RateShare = 0.25;

    /// <summary>After so many new beginnings the rate isn't what is wrong.</summary>
    public const int MostBeginnings = 3;

    /// <param name="trend">Null before the first step.</param>
    /// <param name="loss">Of the step, in nats.</param>
    /// <param name="guessing">Loss of the best answer that is the same for all rows, in nats
    /// (<see cref="ClassificationLoss.OfGuessing"/>).</param>
    public static LossTrend After(LossTrend? trend, double loss, double guessing) =>
        trend?.After(loss, Lost * guessing) ?? LossTrend.Begin(loss);

    /// <param name="trend">Behind the last step.</param>
    /// <param name="guessing">As in <see cref="After"/>; 0 where there is nothing to learn.</param>
    public static bool Is(LossTrend trend, double guessing) => trend.Lowest < Learned * guessing && trend.LostSteps >= Steps;
}

/// <summary>A classifier fell back to guessing at each learning rate that was tried.</summary>
/// <param name="step">The last at which it happened, from 1.</param>
/// <param name="rate">The lowest of them.</param>
public sealed class RelapsedException(int step, double rate)
    : Exception(
        $"The model learned, then fell back to giving all rows the same answer, at step {step} for the last time, with a learning rate of {rate:0.######}."
    )
{
    /// <summary>The last at which it happened, from 1.</summary>
    public int Step { get; } = step;

    /// <summary>The lowest learning rate that was tried.</summary>
    public double Rate { get; } = rate;
}
