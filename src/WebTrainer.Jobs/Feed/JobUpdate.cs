using WebTrainer.Domain.Runs;

namespace WebTrainer.Jobs.Feed;

/// <summary>What is new about a job since the last update; the first one is all that is stored.</summary>
/// <param name="Job">The job as it is now; a copy that nobody changes.</param>
/// <param name="Metrics">
/// New points of its curves, in order. A resumed run does the steps since its checkpoint again: of two points of a step the later counts.
/// </param>
/// <param name="Events">New events that are no points, in order.</param>
public sealed record JobUpdate(Job Job, IReadOnlyList<JobMetric> Metrics, IReadOnlyList<JobEvent> Events);
