using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Workers;

/// <summary>Why a child worker did not do what it was started for: in its own words, or by how its process ended.</summary>
internal static class WorkerFailure
{
    public static JobFailedException? ToldBy(RunFolder folder) =>
        new EventReader(folder.Events).Read().Events.OfType<FailureEvent>().LastOrDefault() is { } failure
            ? new JobFailedException(failure.Cause, failure.Advice)
            : null;

    public static JobFailedException Of(RunFolder folder, int? exitCode, string? advice = null) =>
        ToldBy(folder) ?? new JobFailedException(WorkerEnding.Describe(exitCode, folder), advice);
}
