using System.Reflection;

namespace WebTrainer.Protocol;

/// <summary>Names what a worker is asked to do by a spec of this type.</summary>
/// <param name="name">As specs, the database and the command line call it: one lower-case word.</param>
/// <param name="help">What it does, a line for who starts a worker by hand.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class JobKindAttribute(string name, string help) : Attribute
{
    /// <summary>One lower-case word, such as <c>train</c>, by which spec files are told apart.</summary>
    public string Name => name;

    /// <summary>What it does, in a line.</summary>
    public string Help => help;

    /// <summary>Nobody waits for its next second, so that pages and answers on the same processors go before it.</summary>
    public bool GivesWay { get; init; }
}

/// <summary>
/// One thing that a worker can be asked to do. Each has a spec here; a job in the worker; and in the portal a handler where it is queued,
/// or an errand where somebody waits for it. All of them are found by their types: nothing lists the kinds.
/// </summary>
/// <param name="Name">As specs, the database and the command line call it.</param>
/// <param name="Help">What it does, a line for who starts a worker by hand.</param>
/// <param name="Spec">The record that says what exactly.</param>
public sealed record JobKind(string Name, string Help, Type Spec)
{
    /// <summary>See <see cref="JobKindAttribute.GivesWay"/>.</summary>
    public bool GivesWay { get; init; }

    /// <summary>All, by name.</summary>
    public static IReadOnlyList<JobKind> All { get; } =
    [
        .. typeof(JobKind)
            .Assembly.GetTypes()
            .Select(type => (Type: type, Named: type.GetCustomAttribute<JobKindAttribute>(inherit: false)))
            .Where(found => found.Named is not null)
            .Select(found => new JobKind(found.Named!.Name, found.Named.Help, found.Type) { GivesWay = found.Named.GivesWay })
            .OrderBy(kind => kind.Name, StringComparer.Ordinal),
    ];

    /// <summary>The kind whose spec is of this very type.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static JobKind Of(Type spec) =>
        All.FirstOrDefault(kind => kind.Spec == spec)
        ?? throw new ArgumentException($"{spec.Name} is the spec of no kind of job.", nameof(spec));

    /// <summary>The kind whose spec this type is.</summary>
    /// <typeparam name="TSpec">A record that <see cref="JobKindAttribute"/> names.</typeparam>
    public static JobKind Of<TSpec>()
        where TSpec : JobSpec => Of(typeof(TSpec));
}
