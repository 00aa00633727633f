using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>
/// What a trial's run has from its search: the approved files and models, and as many validations as the others whatever its batch.
/// </summary>
internal static class TrialSpec
{
    public static TrainSpec Of(TrainSpec run, SearchSpec search)
    {
        var training = run.Training;
        var steps = Math.Ceiling(search.Data.Train!.Rows / (double)(training.MicroBatch * training.Accumulation)) * training.Epochs;
        var all = Math.Min(training.MaxSteps ?? int.MaxValue, Math.Max(1, steps));
        return run with
        {
            BaseModelSha256 = search.BaseModelSha256,
            Objective = run.Objective with { TeacherSha256 = search.TeacherSha256 },
            Data = search.Data with { General = run.Data?.General },
            Training = training with { ValidateEverySteps = Math.Max(1, (int)Math.Ceiling(all / search.Request.Validations)), Samples = 0 },
        };
    }
}
