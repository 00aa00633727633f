using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Neighbours;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>A row whose label its neighbours contradict, as pages show it.</summary>
/// <param name="Like">The nearest rows that have the proposed label.</param>
public sealed record DoubtView(SimilarRow Row, LabelDoubt Doubt, IReadOnlyList<SimilarRow> Like);

/// <summary>Labels in doubt of a version, the surest first.</summary>
/// <param name="First">At most <see cref="LabelDoubtService.MostShown"/>.</param>
/// <param name="Sure">Of all, how many are surely in doubt.</param>
public sealed record DoubtsView(VersionName Version, long Rows, int All, int Sure, IReadOnlyList<DoubtView> First, bool MayAsk);

/// <summary>Finds labels that are probably wrong, and asks people about them.</summary>
public sealed class LabelDoubtService(Authorizer authorizer, VersionNeighbours neighbours, LabelingService labeling)
{
    public const int MostShown = 200;
    private const int UsualOverlap = 2;

    /// <exception cref="RuleViolationException">The version has too many rows, or none with a label.</exception>
    public async Task<DoubtsView> FindAsync(Caller caller, Guid projectId, Guid versionId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        await work.NoteReadAsync("dataset.rows-read", versionId, cancellationToken);
        var (near, doubts) = await DoubtsAsync(work, versionId, cancellationToken);
        var name = (await work.VersionNamesAsync([versionId], cancellationToken))[versionId];
        return new DoubtsView(
            name,
            near.Rows.Count,
            doubts.Count,
            doubts.Count(d => d.IsSure),
            [
                .. doubts
                    .Take(MostShown)
                    .Select(d => new DoubtView(
                        near.Rows[d.Position],
                        d,
                        [.. d.Nearest.Select(n => near.Rows[n.Position] with { Likeness = n.Likeness })]
                    )),
            ],
            work.Role.Allows(Permission.ManageLabeling)
        );
    }

    /// <summary>Makes a task of the first so many, blind: people are shown neither the label given nor the one proposed.</summary>
    /// <returns>The task.</returns>
    public async Task<Guid> AskAsync(Caller caller, Guid projectId, Guid versionId, int count, CancellationToken cancellationToken)
    {
        string name;
        HashSet<string> rows;
        IReadOnlyList<string> people,
            labels;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken))
        {
            var (near, doubts) = await DoubtsAsync(work, versionId, cancellationToken);
            if (count < 1 || doubts.Count == 0)
            {
                throw new RuleViolationException("Ask about at least one row that is in doubt.");
            }

            rows = [.. doubts.Take(count).Select(d => near.Rows[d.Position].RowId)];
            labels = [.. near.Rows.Select(r => r.Label).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
            people = [.. (await LabelingService.PeopleAsync(work, cancellationToken)).Select(p => p.UserId)];
            var of = (await work.VersionNamesAsync([versionId], cancellationToken))[versionId];
            name = $"Labels in doubt of {of.Name} v{of.Number}";
        }

        return await labeling.CreateAsync(
            caller,
            projectId,
            new NewTaskDraft
            {
                VersionId = versionId,
                Name = name.Length <= LabelTask.MaxNameLength ? name : name[..LabelTask.MaxNameLength],
                Questions = [Question.New(QuestionKind.Choose, "label", "Which label fits this text best?", labels)],
                Guidelines =
                    "# How to choose\n\nRows like these have other labels. Read the whole text and choose the label that fits it; which one it has now is not shown, so that it leads nobody.",
                Assignees = people,
                Rules = new TaskRules { Overlap = Math.Min(UsualOverlap, people.Count) },
                RowIds = rows,
            },
            cancellationToken
        );
    }

    private async Task<(NearRows Near, IReadOnlyList<LabelDoubt> Doubts)> DoubtsAsync(
        ProjectWork work,
        Guid versionId,
        CancellationToken cancellationToken
    )
    {
        var near = await neighbours.OfAsync(await work.VersionAsync(versionId, cancellationToken), cancellationToken);
        if (near.Rows.All(r => r.Label is null))
        {
            throw new RuleViolationException("The rows of this version have no labels that could be in doubt.");
        }

        return (
            near,
            await Task.Run(() => LabelDoubts.Find(near.Nearest, [.. near.Rows.Select(r => r.Label)], cancellationToken), cancellationToken)
        );
    }
}
