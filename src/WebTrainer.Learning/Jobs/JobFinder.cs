using System.Runtime.ExceptionServices;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Finds the job of a kind by the spec that it is made from.</summary>
public static class JobFinder
{
    private static readonly IReadOnlyDictionary<Type, Type> s_jobs = typeof(IJob)
        .Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IJob)))
        .ToDictionary(type => type.GetConstructors().Single().GetParameters().Single().ParameterType.GetGenericArguments().Single());

    /// <summary>Types of the specs that a worker can do something by.</summary>
    public static IEnumerable<Type> Specs => s_jobs.Keys;

    /// <summary>Makes the one class of this library that takes specs of this spec's type; the job hasn't begun then.</summary>
    /// <exception cref="InvalidDataException">No worker does jobs of its kind.</exception>
    public static IJob Make(RunFolder folder, JobSpec spec, EventWriter events, ControlReader control)
    {
        var type = spec.GetType();
        var job = s_jobs.TryGetValue(type, out var found)
            ? found
            : throw new InvalidDataException($"No worker does jobs of the kind '{JobKind.Of(type).Name}'.");
        var context = Activator.CreateInstance(typeof(JobContext<>).MakeGenericType(type), folder, spec, events, control);
        try
        {
            return (IJob)Activator.CreateInstance(job, context)!;
        }
        catch (System.Reflection.TargetInvocationException exception) when (exception.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }
}
