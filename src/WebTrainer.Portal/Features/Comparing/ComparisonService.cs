using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Models;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Comparing;

/// <summary>Runs, results of evaluations and base models side by side; two of them row by row.</summary>
public sealed class ComparisonService(
    Authorizer authorizer,
    RunService runs,
    RunCurves curves,
    EvaluationService evaluations,
    ModelCatalog models,
    ExampleStore examples,
    LabelingService labeling
)
{
    public const int PageSize = 25;

    /// <summary>More rows are no work for people at once.</summary>
    public const int MostToLabel = 5000;

    /// <summary>All that can become a column, the newest first.</summary>
    public async Task<IReadOnlyList<ColumnChoice>> ChoicesAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        var judged = await evaluations.ListAsync(caller, projectId, cancellationToken);
        var trained = await runs.ListAsync(caller, projectId, cancellationToken);
        return
        [
            .. judged
                .Where(e => e.Report is not null)
                .SelectMany(e =>
                    e.Report!.Models.Select(m => new ColumnChoice(
                        "Results of evaluations",
                        $"{NameOf(m, e)}, evaluation {e.Evaluation.Number}: {Components.Shared.Format.Percent(m.Score)} right",
                        new ColumnKey(ColumnKind.Result, e.Evaluation.Id, m.Name)
                    ))
                ),
            .. trained
                .Where(r => r.Run.Job is not null)
                .Select(r => new ColumnChoice("Runs", $"Run {r.Run.Number} · {r.Run.Name}", new ColumnKey(ColumnKind.Run, r.Run.Id))),
            .. models.Decoders().Select(m => new ColumnChoice("Base models", m.Id, new ColumnKey(ColumnKind.Base, Guid.Empty, m.Id))),
        ];
    }

    /// <summary>The columns in the order given, with the lines of their table.</summary>
    /// <exception cref="NotFoundException">One of them is not in this project.</exception>
    public async Task<ComparisonView> LoadAsync(
        Caller caller,
        Guid projectId,
        IReadOnlyCollection<ColumnKey> keys,
        CancellationToken cancellationToken
    )
    {
        await using (await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            // Opened for its check alone: without columns nothing below asks.
        }

        if (keys.Count > ColumnKey.Most)
        {
            throw new RuleViolationException($"Compare at most {ColumnKey.Most} columns at once.");
        }

        var judged = new Dictionary<Guid, EvaluationView>();
        var columns = new List<ComparisonColumn>();
        foreach (var key in keys.Distinct())
        {
            columns.Add(await ColumnAsync(caller, projectId, key, judged, cancellationToken));
        }

        var metrics = await curves.ReadAsync(
            caller,
            projectId,
            [.. columns.Select(c => c.Run?.Run.Id).OfType<Guid>().Distinct()],
            cancellationToken
        );
        columns = [.. columns.Select(c => c.Run is { } run ? c with { Metrics = metrics[run.Run.Id] } : c)];
        return new ComparisonView(columns, ComparisonRows.Of(columns));
    }

    /// <summary>Two columns with results on common rows; a page of the rows.</summary>
    /// <param name="shown">All columns with results beside them: tests are corrected for looking at each of them beside the first.</param>
    public async Task<PairView> PairAsync(
        Caller caller,
        Guid projectId,
        ComparisonColumn first,
        ComparisonColumn second,
        IReadOnlyList<ComparisonColumn> shown,
        PairQuery query,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            foreach (var view in new[] { first.Evaluation, second.Evaluation }.OfType<EvaluationView>())
            {
                await work.NoteReadAsync("evaluation.rows-read", view.Evaluation.Id, cancellationToken);
            }
        }

        // Both at once: the first look at an evaluation reads all of its results.
        if (
            await Task.WhenAll(ExamplesAsync(first, projectId, cancellationToken), ExamplesAsync(second, projectId, cancellationToken))
            is not [var a, var b]
        )
        {
            throw new InvalidOperationException("Two were asked for.");
        }

        var pairs = Pairs(first, a, second, b);
        var selected = pairs.Select(query);
        var page = selected.Skip(skip).Take(Math.Min(take, 10 * PageSize)).ToList();
        var (textsA, textsB) = (
            examples.Texts(first.ExamplesJob!.Value, a, page.Select(p => pairs.RowsOf(p).First)),
            examples.Texts(second.ExamplesJob!.Value, b, page.Select(p => pairs.RowsOf(p).Second))
        );
        var others = new List<PairedExamples>();
        foreach (var other in shown.Where(column => column.Key != first.Key && column.Key != second.Key))
        {
            others.Add(Pairs(first, a, other, await ExamplesAsync(other, projectId, cancellationToken)));
        }

        return new PairView(
            PairStatistics.Corrected(PairStatistics.Of(pairs), others),
            pairs.Count,
            selected.Length,
            pairs.Categories,
            [
                .. page.Select(
                    (pair, i) =>
                        new ExamplePair(
                            pairs.RowId(pair),
                            textsA[i].Prompt,
                            textsA[i].Expected,
                            AnswerOf(textsA[i], first),
                            AnswerOf(textsB[i], second),
                            pairs.Gain(pair, query.Measure)
                        )
                ),
            ]
        );
    }

    /// <summary>
    /// Makes a paused labeling task of the rows that a query shows; its maker chooses people and questions before it goes on.
    /// </summary>
    /// <returns>The task's id.</returns>
    public async Task<Guid> SendToLabelingAsync(
        Caller caller,
        Guid projectId,
        ComparisonColumn first,
        ComparisonColumn second,
        PairQuery query,
        CancellationToken cancellationToken
    )
    {
        await using (await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken))
        {
            // Opened for its check alone, before files are read.
        }

        var pairs = Pairs(
            first,
            await ExamplesAsync(first, projectId, cancellationToken),
            second,
            await ExamplesAsync(second, projectId, cancellationToken)
        );
        var selected = pairs.Select(query);
        if (selected.Length is 0 or > MostToLabel)
        {
            throw new RuleViolationException($"These are {selected.Length:N0} rows; send 1 to {MostToLabel:N0}. Narrow the filter.");
        }

        var template = TaskTemplate.All[pairs.Categories.Count > 0 ? 0 : 2];
        var questions =
            pairs.Categories.Count > 0
                ? template.Questions.Select(q => q.Kind == QuestionKind.Choose ? q with { Options = [.. pairs.Categories] } : q).ToList()
                : [.. template.Questions];
        var task = await labeling.CreateAsync(
            caller,
            projectId,
            new NewTaskDraft
            {
                VersionId = first.Evaluation!.Evaluation.DatasetVersionId,
                Name = Shortened($"{first.Title} against {second.Title}"),
                Questions = questions,
                Guidelines = template.Guidelines,
                Rules = new TaskRules { Overlap = 1 },
                Assignees = [caller.UserId],
                RowIds = selected.Select(pairs.RowId).ToHashSet(StringComparer.Ordinal),
            },
            cancellationToken
        );
        await labeling.PauseAsync(caller, projectId, task, cancellationToken);
        return task;
    }

    private static string Shortened(string name) => name[..Math.Min(name.Length, LabelTask.MaxNameLength)];

    private async Task<ComparisonColumn> ColumnAsync(
        Caller caller,
        Guid projectId,
        ColumnKey key,
        Dictionary<Guid, EvaluationView> judged,
        CancellationToken cancellationToken
    )
    {
        switch (key.Kind)
        {
            case ColumnKind.Run:
                var run = await runs.GetAsync(caller, projectId, key.Id, cancellationToken);
                return await WithResultAsync(
                    caller,
                    projectId,
                    new(key, $"Run {run.Run.Number}", run.Run.Name, $"runs/{run.Run.Id}", run, null, null, null, []),
                    cancellationToken
                );
            case ColumnKind.Base:
                var model = models.Get(key.Model);
                return new(key, model.Id, "base model", "models", null, null, null, model, []);
            default:
                if (!judged.TryGetValue(key.Id, out var evaluation))
                {
                    judged[key.Id] = evaluation = await evaluations.GetAsync(caller, projectId, key.Id, cancellationToken);
                }

                var figures =
                    evaluation.Report?.Models.FirstOrDefault(m => m.Name == key.Model)
                    ?? throw new NotFoundException($"Evaluation {evaluation.Evaluation.Number} has no model '{key.Model}'.");
                var of = evaluation.Runs.TryGetValue(key.Model, out var tuned)
                    ? await runs.GetAsync(caller, projectId, tuned.Id, cancellationToken)
                    : null;
                return new(
                    key,
                    NameOf(figures, evaluation),
                    $"evaluation {evaluation.Evaluation.Number}",
                    $"evaluations/{evaluation.Evaluation.Id}",
                    of,
                    evaluation,
                    figures,
                    null,
                    []
                );
        }
    }

    /// <summary>A run's column with what the newest evaluation that judged it found.</summary>
    private async Task<ComparisonColumn> WithResultAsync(
        Caller caller,
        Guid projectId,
        ComparisonColumn column,
        CancellationToken cancellationToken
    )
    {
        var newest = await evaluations.NewestOfRunAsync(caller, projectId, column.Key.Id, cancellationToken);
        var name = newest?.Runs.FirstOrDefault(run => run.Value.Id == column.Key.Id).Key;
        return newest?.Report?.Models.FirstOrDefault(model => model.Name == name) is { } figures
            ? column with
            {
                Evaluation = newest,
                Figures = figures,
                Model = figures.Name,
                Detail = $"{column.Detail}, evaluation {newest.Evaluation.Number}",
            }
            : column;
    }

    private async Task<ExampleColumns> ExamplesAsync(ComparisonColumn column, Guid projectId, CancellationToken cancellationToken) =>
        column.ExamplesJob is { } job
        && column.Evaluation!.Evaluation.ProjectId == projectId
        && await examples.ReadAsync(job, cancellationToken) is { } columns
            ? columns
            : throw new NotFoundException($"{column.Title} has no answers row by row.");

    private static PairedExamples Pairs(ComparisonColumn first, ExampleColumns a, ComparisonColumn second, ExampleColumns b) =>
        new(
            a,
            a.Of(first.Model) ?? throw new NotFoundException($"{first.Title} has no answers row by row."),
            b,
            b.Of(second.Model) ?? throw new NotFoundException($"{second.Title} has no answers row by row.")
        );

    private static ExampleAnswer AnswerOf(ExampleResult example, ComparisonColumn column) =>
        example.Answers.First(a => a.Model == column.Model);

    private static string NameOf(ModelFigures figures, EvaluationView evaluation) =>
        evaluation.Runs.TryGetValue(figures.Name, out var run) ? $"Run {run.Number} · {run.Name}"
        : figures.Name == EvaluationReport.BaseName ? $"base"
        : figures.Name;
}
