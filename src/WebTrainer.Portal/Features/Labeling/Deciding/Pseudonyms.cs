using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Names for people that tell nobody who they are, the same each time: for all who look at a task before it is closed, and in snapshots for
/// ever.
/// </summary>
public static class Pseudonyms
{
    /// <returns>By user id: "Annotator 1" and so on, in an order that says nothing.</returns>
    public static IReadOnlyDictionary<string, string> Of(LabelTask task, IEnumerable<string> people) =>
        task
            .Assignees.Union(people)
            .OrderBy(user => StableHash.Of(task.Id, user))
            .ThenBy(user => user, StringComparer.Ordinal)
            .Index()
            .ToDictionary(p => p.Item, p => $"Annotator {p.Index + 1}");
}
