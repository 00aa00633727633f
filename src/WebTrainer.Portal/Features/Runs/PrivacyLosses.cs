using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>What a run has told of its rows so far.</summary>
/// <param name="Spent">What its worker last told; null before its first step.</param>
public sealed record RunPrivacy(Guid RunId, int Number, string Name, PrivacyEvent? Spent);

/// <summary>What several runs have told together of rows that are protected in the same way.</summary>
/// <param name="Group">The column whose values are protected together; null where each row is by itself.</param>
/// <param name="Epsilon">Sum of their ε (basic composition: Dwork and Roth 2014, theorem 3.16).</param>
/// <param name="Delta">Sum of their δ.</param>
/// <param name="Runs">How many they are.</param>
public sealed record PrivacySum(string? Group, double Epsilon, double Delta, int Runs);

/// <summary>What all runs have told of a dataset version's rows.</summary>
/// <param name="Runs">With a budget, by their numbers.</param>
/// <param name="Unbounded">Numbers of the runs without one, of which nobody can say what they tell.</param>
public sealed record VersionPrivacy(IReadOnlyList<RunPrivacy> Runs, IReadOnlyList<int> Unbounded)
{
    /// <summary>One for each way in which rows are protected: sums of rows and of groups say different things.</summary>
    public IReadOnlyList<PrivacySum> Sums =>
        [
            .. Runs.Select(run => run.Spent)
                .OfType<PrivacyEvent>()
                .GroupBy(spent => spent.Group)
                .OrderBy(kind => kind.Key, StringComparer.Ordinal)
                .Select(kind => new PrivacySum(kind.Key, kind.Sum(s => s.Epsilon), kind.Sum(s => s.Delta), kind.Count())),
        ];
}

/// <summary>Adds up what the runs on a dataset version have told of its rows.</summary>
public sealed class PrivacyLosses(Authorizer authorizer)
{
    private const string EventType = "privacy";

    /// <summary>Of all runs on the version that have begun, trials of searches too, whatever became of them.</summary>
    public async Task<VersionPrivacy> OfVersionAsync(Caller caller, Guid projectId, Guid versionId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var runs = await work
            .Db.Runs.AsNoTracking()
            .Where(r => r.ProjectId == projectId && r.DatasetVersionId == versionId && r.Job != null && r.Job.StartedAt != null)
            .OrderBy(r => r.Number)
            .ToListAsync(cancellationToken);
        var spent = await LastEventsAsync(work, [.. runs.Select(r => r.JobId).OfType<Guid>()], cancellationToken);
        var known = runs.ToLookup(r => StoredSpec.TryRead(r.Spec, r.SpecSha256)?.Privacy is { IsOn: true });
        return new(
            [.. known[true].Select(r => new RunPrivacy(r.Id, r.Number, r.Name, spent.GetValueOrDefault(r.JobId!.Value)))],
            [.. known[false].Select(r => r.Number)]
        );
    }

    /// <summary>What a policy judges of a run that is about to be submitted, approved or used.</summary>
    /// <param name="epsilon">Its own budget; null or 0 for none.</param>
    /// <param name="run">The run itself, where it is there already.</param>
    public static async Task<PolicyPrivacy> AskedAsync(
        ProjectWork work,
        Guid versionId,
        double? epsilon,
        Guid? run,
        CancellationToken cancellationToken
    )
    {
        var others = await work
            .Db.Runs.AsNoTracking()
            .Include(r => r.Job)
            .Where(r => r.DatasetVersionId == versionId && r.Id != run && r.Job != null)
            .OrderBy(r => r.Number)
            .ToListAsync(cancellationToken);
        var spent = await LastEventsAsync(work, [.. others.Select(r => r.JobId!.Value)], cancellationToken);
        var (told, unbounded) = (0.0, new List<int>());
        foreach (var other in others)
        {
            var budget = StoredSpec.TryRead(other.Spec, other.SpecSha256)?.Privacy is { IsOn: true } privacy
                ? privacy.Epsilon
                : (double?)null;
            if (budget is null && other.Job!.StartedAt is not null)
            {
                unbounded.Add(other.Number);
            }
            else if (budget is { } may)
            {
                // what waits or goes on may yet spend all of its budget
                told += other.Job!.HasEnded ? spent.GetValueOrDefault(other.JobId!.Value)?.Epsilon ?? 0 : may;
            }
        }

        return new(epsilon is > 0 ? epsilon : null, told, unbounded);
    }

    private static async Task<Dictionary<Guid, PrivacyEvent>> LastEventsAsync(
        ProjectWork work,
        IReadOnlyList<Guid> jobs,
        CancellationToken cancellationToken
    )
    {
        var events = await work
            .Db.JobEvents.AsNoTracking()
            .Where(e => jobs.Contains(e.JobId) && e.Type == EventType)
            .ToListAsync(cancellationToken);
        return events
            .GroupBy(e => e.JobId)
            .Select(ofJob => (ofJob.Key, Last: Read(ofJob.MaxBy(e => e.Seq)!)))
            .Where(entry => entry.Last is not null)
            .ToDictionary(entry => entry.Key, entry => entry.Last!);
    }

    private static PrivacyEvent? Read(JobEvent jobEvent) =>
        Stored.TryRead(() => JsonSerializer.Deserialize<RunEvent>(jobEvent.Json, ProtocolJson.Line)) as PrivacyEvent;
}
