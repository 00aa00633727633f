using WebTrainer.Protocol;

namespace WebTrainer.Learning.Training;

/// <summary>Learning rate over a run: a linear rise, then the schedule's fall (cosine: arXiv:1608.03983).</summary>
public static class LearningRate
{
    /// <param name="settings">Give the highest rate, the share of steps that warm up, and the schedule.</param>
    /// <param name="step">From 1.</param>
    /// <param name="totalSteps">Of the run.</param>
    public static double At(TrainingSettings settings, int step, int totalSteps)
    {
        var warmup = (int)Math.Ceiling(settings.WarmupShare * totalSteps);
        return step <= warmup
            ? settings.LearningRate * step / warmup
            : settings.LearningRate * Fall(settings.Schedule, (double)(step - 1 - warmup) / Math.Max(1, totalSteps - warmup));
    }

    /// <param name="schedule">How the rate falls.</param>
    /// <param name="share">Part of the fall that is behind, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The schedule is none of the three.</exception>
    public static double Fall(LearningRateSchedule schedule, double share) =>
        schedule switch
        {
            LearningRateSchedule.Cosine => (1 + Math.Cos(Math.PI * share)) / 2,
            LearningRateSchedule.Linear => 1 - share,
            LearningRateSchedule.Constant => 1,
            _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, "Unknown schedule."),
        };
}
