using System.Globalization;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs.Advice;

/// <summary>
/// What to do after a run that has ended, by rules on its curves. Each says its facts; where no rule holds, nothing is said of the
/// training.
/// </summary>
public static class RunAdvice
{
    /// <summary>Fewer validations show no course.</summary>
    private const int FewestValidations = 4;

    /// <summary>The validation loss still falls where its last quarter fell by more than this share.</summary>
    private const double StillFalling = 0.01;

    /// <summary>It has risen again where it ends by more than this share above its lowest.</summary>
    private const double RisenAgain = 0.03;

    /// <summary>Nothing was learned where the training loss fell by less than this share.</summary>
    private const double NothingLearned = 0.02;

    private const double MoreEpochs = 2;
    private const double HigherRate = 3;
    private const double LowerRate = 3;

    /// <param name="address">Of a page in the project.</param>
    /// <param name="isJudged">An evaluation has judged it.</param>
    public static IReadOnlyList<NextStep> Of(
        Run run,
        Job job,
        TrainingSettings training,
        RunCourse course,
        bool isJudged,
        Func<string, string> address
    )
    {
        if (!job.HasEnded)
        {
            return [];
        }

        var repeat = new Repeat(run.Id, address);
        return job.State switch
        {
            JobState.Failed => [Failed(job, repeat)],
            _ => [.. OfCurves(training, course, repeat), .. Judge(run, job, isJudged, address)],
        };
    }

    private static NextStep Failed(Job job, Repeat repeat) =>
        new(
            "Run it again with other settings",
            job.FailureAdvice ?? "It failed; its log says where. The settings are kept, so that one of them can be changed.",
            repeat.With()
        );

    private static IEnumerable<NextStep> OfCurves(TrainingSettings training, RunCourse course, Repeat repeat)
    {
        if (course is { FirstLoss: { } first, LastLoss: { } last } && !double.IsFinite(last) | last > first * (1 + RisenAgain))
        {
            yield return new(
                $"Run it again with a lower learning rate ({Number(training.LearningRate / LowerRate)})",
                $"The training loss rose from {Number(first)} to {Number(last)}: the steps are too large.",
                repeat.With(("learningRate", training.LearningRate / LowerRate))
            );
        }
        else if (course is { FirstLoss: { } start, LastLoss: { } end } && end > start * (1 - NothingLearned))
        {
            yield return new(
                $"Run it again with a higher learning rate ({Number(training.LearningRate * HigherRate)})",
                $"The training loss went from {Number(start)} to {Number(end)}: hardly anything was learned.",
                repeat.With(("learningRate", training.LearningRate * HigherRate))
            );
        }
        else if (OfValidation(training, course, repeat) is { } step)
        {
            yield return step;
        }
    }

    private static NextStep? OfValidation(TrainingSettings training, RunCourse course, Repeat repeat)
    {
        var losses = course.Validations;
        if (losses.Count == 0)
        {
            return new(
                "Split the data with validation rows before the next run",
                "No validation loss was measured: nobody can say whether it learned too little or by heart."
            );
        }

        if (losses.Count < FewestValidations)
        {
            return null;
        }

        var (lowest, last) = (losses.MinBy(p => p.Loss), losses[^1]);
        var quarter = losses[losses.Count - 1 - Math.Max(1, losses.Count / 4)];
        if (last.Loss > lowest.Loss * (1 + RisenAgain))
        {
            return training.Patience > 0
                ? null // it ended for that reason, and kept the best
                : new(
                    "Run it again with a patience of 3",
                    $"The validation loss was lowest at step {lowest.Step:N0} ({Number(lowest.Loss)}) and ended {Share(last.Loss / lowest.Loss - 1)} above it: it learned rows by heart. With a patience the best is kept.",
                    repeat.With(("patience", 3))
                );
        }

        return last.Loss < quarter.Loss * (1 - StillFalling)
            ? new(
                $"Run it again with {Number(training.Epochs * MoreEpochs)} epochs",
                $"{course.Steps:N0} steps were {course.Epochs:0.#} epochs, and the validation loss still fell by {Share(1 - last.Loss / quarter.Loss)} over the last quarter.",
                repeat.With(("epochs", training.Epochs * MoreEpochs))
            )
            : null;
    }

    private static IEnumerable<NextStep> Judge(Run run, Job job, bool isJudged, Func<string, string> address)
    {
        if (!isJudged && job.State == JobState.Completed)
        {
            yield return new(
                "Judge it against its base on the test rows",
                "No evaluation has looked at it: a falling loss doesn't say that answers are better.",
                address($"evaluations?run={run.Id}")
            );
        }
    }

    private static string Number(double value) => value.ToString("G3", CultureInfo.CurrentCulture);

    private static string Share(double value) => Format.Percent(value, 0);

    /// <summary>The form of a new run with all that this one had, but for what is said.</summary>
    private sealed record Repeat(Guid RunId, Func<string, string> Address)
    {
        public string With(params (string Setting, double Value)[] changes) =>
            Address(
                $"runs/new?from={RunId}"
                    + string.Concat(changes.Select(c => $"&set={c.Setting}:{c.Value.ToString("R", CultureInfo.InvariantCulture)}"))
            );
    }
}
