using WebTrainer.Domain.Runs;

namespace WebTrainer.Jobs.Kinds;

/// <summary>The handlers of this library, each found by its type.</summary>
internal sealed class JobHandlers
{
    private readonly Dictionary<string, JobHandler> _handlers = typeof(JobHandler)
        .Assembly.GetTypes()
        .Where(type => type is { IsAbstract: false, ContainsGenericParameters: false } && type.IsSubclassOf(typeof(JobHandler)))
        .Where(type => type != typeof(UnknownKind))
        .Select(type => (JobHandler)Activator.CreateInstance(type)!)
        .ToDictionary(handler => handler.Kind, StringComparer.Ordinal);

    public IEnumerable<string> Kinds => _handlers.Keys;

    /// <summary>What cares for a job; one of a kind that this version doesn't queue ends with what its worker says.</summary>
    public JobHandler Of(Job job) => _handlers.TryGetValue(job.Kind, out var handler) ? handler : new UnknownKind(job.Kind);

    private sealed class UnknownKind(string kind) : JobHandler(kind);
}
