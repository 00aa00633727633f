namespace WebTrainer.Portal.Features.Compliance.Checklists;

/// <summary>How a point of a checklist stands.</summary>
public enum PointState
{
    /// <summary>Facts of this portal meet it.</summary>
    Met,

    /// <summary>Only a person can say.</summary>
    NeedsPerson,

    /// <summary>Facts of this portal show that it isn't met.</summary>
    Failed,
}

/// <summary>A point of a law or rule, judged.</summary>
/// <param name="Reference">Where it stands: "Art. 5 (1) (c)".</param>
/// <param name="Point">What it asks, in a few words.</param>
/// <param name="Why">The fact that meets it, what is missing, or what a person must look at.</param>
public sealed record ChecklistPoint(string Reference, string Point, PointState State, string Why);

/// <summary>A ready set of points.</summary>
/// <param name="Id">In addresses and files.</param>
/// <param name="About">What it is and what it is not.</param>
public sealed record Checklist(string Id, string Title, string About, IReadOnlyList<ChecklistPoint> Points)
{
    public int Count(PointState state) => Points.Count(p => p.State == state);
}
