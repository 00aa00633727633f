using System.Collections.Concurrent;
using System.Diagnostics;
using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Watching;

/// <summary>
/// Leads a trace from the click that asked for a job to the steps of its worker. The trace's context lies in the run folder, so that it
/// outlives the portal; a worker reaches no network, so its spans are made here, of its events and at their times.
/// </summary>
internal sealed class JobTraces(RunFolders folders)
{
    public const string SourceName = JobsMeter.Name;

    /// <summary>Variable by which a worker knows its trace.</summary>
    public const string Variable = "TRACEPARENT";

    /// <summary>Spans of steps that a job has at most, one for each hundredth of its steps.</summary>
    private const int MostStepSpans = 100;
    private static readonly ActivitySource s_source = new(SourceName);
    private readonly ConcurrentDictionary<Guid, Progress> _running = new();

    /// <summary>Notes, before a job is committed, in which trace it was asked for.</summary>
    public static void Asked(RunFolder folder)
    {
        if (Activity.Current is { Id: { } id, IdFormat: ActivityIdFormat.W3C })
        {
            AtomicFile.WriteAllText(folder.Trace, id);
        }
    }

    /// <summary>Begins the span of the start of a job's worker; null where nobody traces.</summary>
    public static Activity? Start(Job job, RunFolder folder, string slot)
    {
        var start = s_source.StartActivity("job start", ActivityKind.Producer, ContextOf(folder));
        Describe(start, job)?.SetTag("webtrainer.job.slot", slot);
        if (start?.Id is { } id)
        {
            AtomicFile.WriteAllText(folder.Trace, id); // what the worker does stands below it
        }

        return start;
    }

    /// <summary>What a worker is told of its trace.</summary>
    public static IEnumerable<KeyValuePair<string, string>> VariablesOf(RunFolder folder) =>
        ContextOf(folder) is { TraceId: var trace } context && trace != default
            ? [new(Variable, $"00-{trace}-{context.SpanId}-{(int)context.TraceFlags:x2}")]
            : [];

    /// <summary>Makes spans of events that were stored just now.</summary>
    public void Stored(Job job, IReadOnlyList<RunEvent> events)
    {
        if (!s_source.HasListeners())
        {
            return;
        }

        foreach (var step in events.OfType<StepEvent>())
        {
            var done = _running.GetOrAdd(job.Id, _ => new Progress(step.Step - 1, step.Time));
            var least = Math.Max(1, (step.TotalSteps + MostStepSpans - 1) / MostStepSpans);
            if (step.Step - done.Step >= least || step.Step == step.TotalSteps)
            {
                var span = Span("worker steps", job, done.Time, step.Time);
                span?.SetTag("webtrainer.step.first", done.Step + 1).SetTag("webtrainer.step.last", step.Step).Stop();
                _running[job.Id] = new Progress(step.Step, step.Time);
            }
        }

        if (job.HasEnded && job.StartedAt is { } began)
        {
            var span = Span("job", job, began, job.EndedAt ?? began);
            span?.SetTag("webtrainer.job.state", job.State.ToString());
            span?.SetStatus(job.State == JobState.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Ok).Stop();
            _running.TryRemove(job.Id, out _);
        }
    }

    private Activity? Span(string name, Job job, DateTimeOffset began, DateTimeOffset ended)
    {
        var span = s_source.StartActivity(name, ActivityKind.Consumer, ContextOf(folders.Of(job.Id)), startTime: began);
        return Describe(span, job)?.SetEndTime(ended.UtcDateTime);
    }

    private static Activity? Describe(Activity? span, Job job) =>
        span?.SetTag("webtrainer.job.id", job.Id).SetTag("webtrainer.job.kind", job.Kind).SetTag("webtrainer.project.id", job.ProjectId);

    /// <summary>Nothing where there is none, or where it can't be read: a trace holds up no job.</summary>
    private static ActivityContext ContextOf(RunFolder folder)
    {
        try
        {
            return File.Exists(folder.Trace) && ActivityContext.TryParse(File.ReadAllText(folder.Trace), null, out var context)
                ? context
                : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private sealed record Progress(int Step, DateTimeOffset Time);
}
