using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Labeling;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <param name="Problem">Why nothing can be done with it; null where all is well.</param>
public sealed record WeakSummary(
    Guid Id,
    string Name,
    string DatasetName,
    int VersionNumber,
    int Functions,
    int Labels,
    DateTimeOffset CreatedAt,
    string? Problem
);

public sealed record WeakView(
    Guid Id,
    string Name,
    Guid VersionId,
    string DatasetName,
    int VersionNumber,
    IReadOnlyList<string> Labels,
    IReadOnlyList<double> Balance,
    IReadOnlyList<LabelFunction> Functions,
    int Revision,
    IReadOnlyList<string> Models
);

/// <param name="Learned">How often it is right when it votes, as the label model estimates without labels.</param>
public sealed record FunctionLine(string Name, FunctionStatistics Statistics, double Learned);

/// <param name="Covered">Rows on which at least one function votes.</param>
/// <param name="Accuracy">Of the label model on covered rows whose label is known; null without any.</param>
/// <param name="MajorityAccuracy">Of the plain majority of votes on the same rows.</param>
/// <param name="MacroF1">Mean over the labels of F1 on all rows whose label is known.</param>
/// <param name="ByConfidence">Rows by the probability of their likeliest label, in tenths from 0.0 on.</param>
public sealed record WeakResult(
    int Rows,
    int Covered,
    IReadOnlyList<FunctionLine> Functions,
    int Known,
    double? Accuracy,
    double? MajorityAccuracy,
    double? MacroF1,
    IReadOnlyList<int> ByConfidence,
    IReadOnlyDictionary<string, int> ByLabel
);

/// <summary>One row with what the label model makes of it.</summary>
internal sealed record WeakLabel(WeakRow Row, bool Covered, double[] Probabilities)
{
    public int Best => Array.IndexOf(Probabilities, Probabilities.Max());
    public double Confidence => Probabilities.Max();
}

/// <summary>
/// Labels from rules of thumb: written, judged by how they overlap, and turned into a dataset version; what they are unsure of goes to
/// people.
/// </summary>
public sealed class WeakService(
    Authorizer authorizer,
    TaskRows rows,
    FunctionVotes votes,
    LabelingService tasks,
    FileStore files,
    ServedModels? models = null
)
{
    /// <summary>The column that tells of each row how probable its label is, 0 to 1.</summary>
    public const string ConfidenceColumn = "confidence";
    private const int Bins = 10;

    public async Task<IReadOnlyList<WeakSummary>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var all = await (
            from weak in work.Db.WeakLabelings
            join version in work.Db.DatasetVersions on weak.DatasetVersionId equals version.Id
            where weak.ProjectId == projectId
            orderby weak.CreatedAt descending
            select new
            {
                weak,
                version.Dataset!.Name,
                version.Number,
            }
        ).ToListAsync(cancellationToken);
        return
        [
            .. all.Select(a => new WeakSummary(
                a.weak.Id,
                a.weak.Name,
                a.Name,
                a.Number,
                a.weak.Functions.Count,
                a.weak.Labels.Count,
                a.weak.CreatedAt,
                a.weak.Problem
            )),
        ];
    }

    public async Task<Guid> CreateAsync(
        Caller caller,
        Guid projectId,
        Guid versionId,
        string name,
        IReadOnlyList<string> labels,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var version = await work.VersionAsync(versionId, cancellationToken);
        var weak = new WeakLabeling(projectId, version.Id, name, labels, caller.UserId, work.Now);
        work.Db.WeakLabelings.Add(weak);
        work.Audit(
            "labeling.weak-created",
            weak.Id,
            null,
            new
            {
                weak.Name,
                version = version.Id,
                labels = weak.Labels.Count,
            }
        );
        await work.SaveAsync(cancellationToken);
        return weak.Id;
    }

    public async Task<WeakView> ReadAsync(Caller caller, Guid projectId, Guid id, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var (weak, version) = await FindAsync(work, id, cancellationToken);
        var names = models is null ? [] : (await models.ListAsync(projectId, cancellationToken)).Select(m => m.Id);
        return new WeakView(
            weak.Id,
            weak.Name,
            version.Id,
            version.Dataset!.Name,
            version.Number,
            weak.Labels,
            weak.Balance,
            weak.Functions,
            weak.Revision,
            [.. names]
        );
    }

    /// <param name="revision">What the caller saw; a change of anything else is refused.</param>
    public async Task ChangeAsync(
        Caller caller,
        Guid projectId,
        Guid id,
        int revision,
        IReadOnlyList<LabelFunction> functions,
        IReadOnlyList<double> balance,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var (weak, _) = await FindAsync(work, id, cancellationToken);
        if (weak.Revision != revision)
        {
            throw new ConflictException(
                "Somebody else changed these functions a moment ago. Load the page again; copy what you wrote before you do."
            );
        }

        weak.Change(functions, balance);
        work.Audit(
            "labeling.weak-changed",
            id,
            null,
            new
            {
                functions = functions.Select(f => new
                {
                    f.Name,
                    f.Kind,
                    f.Label,
                }),
                balance,
            }
        );
        await work.SaveAsync(cancellationToken);
    }

    public async Task<WeakResult> RunAsync(Caller caller, Guid projectId, Guid id, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var (weak, version) = await FindAsync(work, id, cancellationToken);
        await work.NoteReadAsync("dataset.rows-read", version.Id, cancellationToken);
        var (all, given, model) = await LabelAsync(weak, version, cancellationToken);
        var known = all.ConvertAll(l => l.Row.Label is { } label && weak.Labels.IndexOf(label) is var place and >= 0 ? place : (int?)null);
        var statistics = FunctionStatistics.Of(given, known);
        var judged = all.Zip(known).Where(p => p.First.Covered && p.Second is not null).ToList();
        var majority = given.Select(Majority).ToList();
        var bins = new int[Bins];
        foreach (var label in all.Where(l => l.Covered))
        {
            bins[Math.Min(Bins - 1, (int)(label.Confidence * Bins))]++;
        }

        return new WeakResult(
            all.Count,
            all.Count(l => l.Covered),
            [.. weak.Functions.Select((f, place) => new FunctionLine(f.Name, statistics[place], model.Accuracy(place)))],
            known.Count(k => k is not null),
            judged.Count == 0 ? null : judged.Count(j => j.First.Best == j.Second) / (double)judged.Count,
            judged.Count == 0
                ? null
                : majority.Zip(known).Zip(all).Count(m => m.Second.Covered && m.First.Second is { } label && m.First.First == label)
                    / (double)judged.Count,
            MacroF1(all, known, weak.Labels.Count),
            bins,
            all.Where(l => l.Covered).CountBy(l => weak.Labels[l.Best]).ToDictionary()
        );
    }

    /// <summary>
    /// The likeliest label of each row that is sure enough, as a version of its own; the probabilities are stored beside it.
    /// </summary>
    /// <param name="confidence">Lowest probability of the likeliest label, 0 to 1.</param>
    public async Task<MadeVersion> MakeAsync(Caller caller, Guid projectId, Guid id, double confidence, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var (weak, version) = await FindAsync(work, id, cancellationToken);
        var (all, _, model) = await LabelAsync(weak, version, cancellationToken);
        var sure = all.Where(l => l.Covered && l.Confidence >= confidence).ToDictionary(l => l.Row.Id);
        if (sure.Count == 0)
        {
            throw new RuleViolationException($"No row reaches {confidence:P0}. Choose a lower confidence, or write more functions.");
        }

        var file = await rows.WriteAsync(
            version,
            row => sure.TryGetValue(row.Id, out var label) ? Respond(row, weak.Labels, label) : null,
            cancellationToken
        );
        // the sure rows are a part: nobody is to take them for the whole
        var dataset = await work.DatasetOfAsync(version.Dataset!, weak.Name, cancellationToken);
        var number =
            1 + (await work.Db.DatasetVersions.Where(v => v.DatasetId == dataset.Id).MaxAsync(v => (int?)v.Number, cancellationToken) ?? 0);
        var made = new DatasetVersion(
            dataset,
            number,
            VersionKind.Labeled,
            file.Sha256,
            file.Rows,
            file.Bytes,
            caller.UserId,
            work.Now
        ).MadeFrom(
            null,
            [version.Id],
            JsonSerializer.Serialize(
                new
                {
                    weakLabeling = weak.Id,
                    weak.Labels,
                    weak.Balance,
                    weak.Functions,
                    confidence,
                },
                JsonSerializerOptions.Web
            ),
            JsonSerializer.Serialize(
                new
                {
                    rows = file.Rows,
                    of = all.Count,
                    learnedAccuracy = weak.Functions.Select((f, place) => new { f.Name, accuracy = model.Accuracy(place) }),
                    probabilities = await KeepAsync(weak, sure.Values, cancellationToken),
                },
                JsonSerializerOptions.Web
            )
        );
        work.Db.DatasetVersions.Add(made);
        work.Audit(
            "dataset.version-labeled",
            made.Id,
            null,
            new
            {
                weak = weak.Id,
                made.DatasetId,
                made.Number,
                made.Rows,
                made.Sha256,
                confidence,
            }
        );
        await work.SaveAsync(cancellationToken);
        return new MadeVersion(made.Id, dataset.Id, dataset.Name, number, file.Rows, 0);
    }

    /// <summary>A task of the rows that are not sure enough, the least sure first, with the likeliest label as the suggestion.</summary>
    public async Task<Guid> AskPeopleAsync(
        Caller caller,
        Guid projectId,
        Guid id,
        double confidence,
        IReadOnlyList<string> people,
        TaskRules rules,
        CancellationToken cancellationToken
    )
    {
        var draft = await UnsureAsync(caller, projectId, id, confidence, people, rules, cancellationToken);
        return await tasks.CreateAsync(caller, projectId, draft, cancellationToken);
    }

    private async Task<NewTaskDraft> UnsureAsync(
        Caller caller,
        Guid projectId,
        Guid id,
        double confidence,
        IReadOnlyList<string> people,
        TaskRules rules,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var (weak, version) = await FindAsync(work, id, cancellationToken);
        var (all, _, _) = await LabelAsync(weak, version, cancellationToken);
        var unsure = all.Where(l => !l.Covered || l.Confidence < confidence).ToList();
        if (unsure.Count == 0)
        {
            throw new RuleViolationException($"Every row reaches {confidence:P0}; there is nothing to ask people.");
        }

        return new NewTaskDraft
        {
            VersionId = version.Id,
            Name = $"Unsure: {weak.Name}"[..Math.Min(LabelTask.MaxNameLength, weak.Name.Length + 8)],
            Questions = [Question.New(QuestionKind.Choose, "label", "Which label fits this text best?", weak.Labels)],
            Rules = rules with { Order = ItemOrder.Uncertainty },
            Assignees = people,
            RowIds = unsure.Select(l => l.Row.Id).ToHashSet(),
            Suggestions = unsure
                .Where(l => l.Covered)
                .ToDictionary(l => l.Row.Id, l => QuestionForm.Write(new Dictionary<string, string> { ["label"] = weak.Labels[l.Best] })),
            SuggestedBy = "labelling functions",
            Uncertainty = unsure.ToDictionary(l => l.Row.Id, l => 1 - l.Confidence),
        };
    }

    private async Task<(List<WeakLabel> Labels, IReadOnlyList<int[]> Votes, LabelModel Model)> LabelAsync(
        WeakLabeling weak,
        DatasetVersion version,
        CancellationToken cancellationToken
    )
    {
        if (weak.Functions.Count == 0)
        {
            throw new RuleViolationException("Write at least one labelling function first.");
        }

        var all = await rows.ReadAsync(version, cancellationToken)
            .Select(row => new WeakRow(row.Id, row.Prompt, row.Label))
            .Take(TaskRows.MaxItems + 1)
            .ToListAsync(cancellationToken);
        if (all.Count > TaskRows.MaxItems)
        {
            throw new RuleViolationException($"Labelling functions run on at most {TaskRows.MaxItems:N0} rows.");
        }

        var given = await votes.VoteAsync(version, all, weak.Labels, weak.Functions, cancellationToken);
        return await Task.Run(
            () =>
            {
                var model = LabelModel.Fit(given, weak.Balance);
                return (
                    all.Zip(given, (row, vote) => new WeakLabel(row, vote.Any(v => v != LabelModel.Abstain), model.Predict(vote))).ToList(),
                    given,
                    model
                );
            },
            cancellationToken
        );
    }

    private static async Task<(WeakLabeling Weak, DatasetVersion Version)> FindAsync(
        ProjectWork work,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var weak =
            await work.Db.WeakLabelings.SingleOrDefaultAsync(w => w.Id == id && w.ProjectId == work.ProjectId, cancellationToken)
            ?? throw new NotFoundException("There are no such labelling functions in this project.");
        if (weak.Problem is { } problem)
        {
            throw new RuleViolationException(problem);
        }

        return (weak, await work.VersionAsync(weak.DatasetVersionId, cancellationToken));
    }

    /// <summary>The label with most votes; none at a tie.</summary>
    private static int? Majority(int[] votes)
    {
        var counts = votes.Where(v => v != LabelModel.Abstain).CountBy(v => v).OrderByDescending(c => c.Value).ToList();
        return counts.Count == 0 || counts.Count > 1 && counts[0].Value == counts[1].Value ? null : counts[0].Key;
    }

    private static double? MacroF1(List<WeakLabel> all, List<int?> known, int labels)
    {
        if (known.TrueForAll(k => k is null))
        {
            return null;
        }

        return Enumerable
            .Range(0, labels)
            .Average(label =>
            {
                var given = all.Zip(known).Where(p => p.Second is not null).ToList();
                double right = given.Count(p => p.First.Best == label && p.Second == label);
                var claimed = given.Count(p => p.First.Best == label) + given.Count(p => p.Second == label);
                return claimed == 0 ? 1 : 2 * right / claimed;
            });
    }

    /// <summary>
    /// The row answered by its likeliest label, with how sure that is beside it: a column that steps and SQL can choose by.
    /// </summary>
    private static CanonicalRow Respond(CanonicalRow row, IReadOnlyList<string> labels, WeakLabel given)
    {
        var chosen = labels[given.Best];
        var before = row.Response is null ? row.Messages : row.Messages.SkipLast(1);
        var answered = row.With([.. before, new ChatMessage("assistant", chosen)], chosen);
        return answered with
        {
            Extra = new Dictionary<string, string>(row.Extra)
            {
                [ConfidenceColumn] = Math.Round(given.Confidence, 4).ToString(CultureInfo.InvariantCulture),
                [ClassifierColumns.LabelShares] = ClassifierColumns.Write(
                    labels.Zip(given.Probabilities, (label, share) => KeyValuePair.Create(label, share))
                ),
            },
        };
    }

    private async Task<string> KeepAsync(WeakLabeling weak, IEnumerable<WeakLabel> labels, CancellationToken cancellationToken)
    {
        var path = files.NewTemporaryPath();
        var lines = labels.Select(l =>
            JsonSerializer.Serialize(
                new
                {
                    id = l.Row.Id,
                    probabilities = weak.Labels.Zip(l.Probabilities).ToDictionary(p => p.First, p => Math.Round(p.Second, 6)),
                },
                JsonSerializerOptions.Web
            )
        );
        await File.WriteAllLinesAsync(path, lines, cancellationToken);
        return await files.AddAsync(path, cancellationToken);
    }
}
