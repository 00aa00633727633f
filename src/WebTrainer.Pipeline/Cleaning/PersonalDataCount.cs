using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>Looks for personal data in all rows of a version, and changes none.</summary>
public sealed class PersonalDataCount(ImportLimits limits)
{
    /// <returns>
    /// Rows that the step “Personal data” as it comes would change: with a mail address, a phone or card number, an IBAN or an IP address
    /// in a text or a column beside them. What that step has masked is none.
    /// </returns>
    /// <param name="version">Path of the version.</param>
    public async Task<long> OfAsync(string version, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var reader = new VersionReader(limits);
        var rows = await reader.CountAsync(version, cancellationToken);
        var run = new CleanRun(
            [new PersonalDataStep()],
            new HashSet<int>(),
            new CleanContext(rows, CleanSources.None, limits),
            cancellationToken => reader.ReadAsync(version, cancellationToken: cancellationToken)
        );
        await foreach (var _ in run.RunAsync(progress, cancellationToken))
        {
            // the step's own count is what is asked for
        }

        return run.Reports[0].Changed;
    }
}
