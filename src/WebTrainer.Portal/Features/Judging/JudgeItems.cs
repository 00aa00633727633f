using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>Reads what is to be judged: answered items of a labeling task, or the stored answers of an evaluation.</summary>
public sealed class JudgeItems(TaskRows rows, ExampleStore examples)
{
    private static readonly JudgeGroup s_calibration = new("", null);

    /// <exception cref="RuleViolationException">There is nothing of the kind; the message says why.</exception>
    public Task<List<JudgeItem>> ReadAsync(AppDb db, Guid projectId, JudgeWorkRequest request, CancellationToken cancellationToken) =>
        request.Kind switch
        {
            JudgeWorkKind.CalibratePairs or JudgeWorkKind.CalibrateScores => OfTaskAsync(db, projectId, request, cancellationToken),
            _ => OfEvaluationAsync(db, projectId, request, cancellationToken),
        };

    /// <summary>The question of a task that a judge can be held against; null where there is none.</summary>
    public static Question? QuestionFor(LabelTask task, JudgeWorkRequest request) =>
        request.Kind == JudgeWorkKind.CalibratePairs
            ? task.Models.Count > 1
                ? task.Find(QuestionKind.BestOfTwo)
                : null
            : task.Models.Count == 0
                ? task.Questions.Find(q => q.Key == request.Question && IsScale(q))
                : null;

    /// <summary>A judge gives 1 to 5 points: only such a question can be compared.</summary>
    public static bool IsScale(Question question) =>
        question is { Kind: QuestionKind.Rate, Min: ScoreOutcome.Lowest, Max: ScoreOutcome.Highest };

    private async Task<List<JudgeItem>> OfTaskAsync(AppDb db, Guid projectId, JudgeWorkRequest request, CancellationToken cancellationToken)
    {
        var task =
            await db
                .LabelTasks.AsNoTracking()
                .SingleOrDefaultAsync(t => t.Id == request.Subject && t.ProjectId == projectId, cancellationToken)
            ?? throw new RuleViolationException("There is no such task in this project.");
        if (task.ClosedAt is null)
        {
            throw new RuleViolationException(
                $"“{task.Name}” still takes answers. Close it first, so that the judge is held against what does not change."
            );
        }

        var question =
            QuestionFor(task, request)
            ?? throw new RuleViolationException(
                request.Kind == JudgeWorkKind.CalibratePairs
                    ? $"“{task.Name}” does not compare answers of models, so that there is no choice to be held against."
                    : $"“{task.Name}” has no rating of {ScoreOutcome.Lowest} to {ScoreOutcome.Highest} points by that name."
            );
        var given = await (
            from assignment in db.Assignments
            join item in db.LabelItems on assignment.ItemId equals item.Id
            where assignment.TaskId == task.Id && assignment.State == AssignmentState.Answered && !item.IsGold
            orderby item.Ordinal, assignment.AnsweredAt
            select new
            {
                item.Id,
                item.RowId,
                item.Candidates,
                assignment.Values,
            }
        ).ToListAsync(cancellationToken);
        var version = await db.VersionOfAsync(task, cancellationToken);
        var texts = await rows.ReadAsync(version, cancellationToken).ToDictionaryAsync(row => row.Id, cancellationToken: cancellationToken);
        var answers = await db
            .ModelAnswers.AsNoTracking()
            .Where(a => a.TaskId == task.Id)
            .ToDictionaryAsync(a => a.Id, a => a.Text, cancellationToken);
        List<JudgeItem> items =
        [
            .. given
                .GroupBy(answer => answer.Id)
                .Select(answersOf =>
                    ItemOf(
                        texts[answersOf.First().RowId],
                        [.. answersOf.First().Candidates.Select(id => answers[id])],
                        [.. answersOf.Select(answer => QuestionForm.Read(answer.Values).GetValueOrDefault(question.Key)).OfType<string>()]
                    )
                )
                .OfType<JudgeItem>(),
        ];
        return items.Count == 0
            ? throw new RuleViolationException($"Nobody has answered “{question.Text}” in “{task.Name}” yet.")
            : Numbered(Draw(items, request));
    }

    private static JudgeItem? ItemOf(CanonicalRow row, IReadOnlyList<string> candidates, IReadOnlyList<string> experts) =>
        experts.Count == 0 ? null
        : candidates.Count == 2 ? new JudgeItem(s_calibration, 0, row.Prompt, candidates[0], candidates[1]) { Experts = experts }
        : row.Response is { } response ? new JudgeItem(s_calibration, 0, row.Prompt, response, null) { Experts = experts }
        : null;

    private async Task<List<JudgeItem>> OfEvaluationAsync(
        AppDb db,
        Guid projectId,
        JudgeWorkRequest request,
        CancellationToken cancellationToken
    )
    {
        var evaluation =
            await db
                .Evaluations.AsNoTracking()
                .SingleOrDefaultAsync(e => e.Id == request.Subject && e.ProjectId == projectId, cancellationToken)
            ?? throw new RuleViolationException("There is no such evaluation in this project.");
        var columns = evaluation.Report is null ? null : await examples.ReadAsync(evaluation.JobId, cancellationToken);
        if (columns is null)
        {
            throw new RuleViolationException($"Evaluation {evaluation.Number} has no answers row by row yet. Wait until it is done.");
        }

        if (request.Models.FirstOrDefault(name => columns.Of(name) is null) is { } unknown)
        {
            throw new RuleViolationException($"Evaluation {evaluation.Number} has no model '{unknown}'.");
        }

        var drawn = Draw([.. Enumerable.Range(0, columns.Count)], request);
        var results = examples.Texts(evaluation.JobId, columns, drawn);
        string AnswerOf(int row, string model) => results[row].Answers.First(answer => answer.Model == model).Text;
        var models = request.Models.Distinct().ToList();
        return request.Kind == JudgeWorkKind.Score
            ?
            [
                .. models.SelectMany(model =>
                    results.Select((result, row) => new JudgeItem(new(model, null), row, result.Prompt, AnswerOf(row, model), null))
                ),
            ]
            :
            [
                .. from first in models.Index()
                from second in models.Skip(first.Index + 1)
                from row in Enumerable.Range(0, results.Count)
                select new JudgeItem(new(first.Item, second), row, results[row].Prompt, AnswerOf(row, first.Item), AnswerOf(row, second)),
            ];
    }

    /// <summary>The same seed draws the same ones; they keep their order.</summary>
    private static List<T> Draw<T>(List<T> all, JudgeWorkRequest request)
    {
        if (all.Count <= request.MaxItems)
        {
            return all;
        }

        var places = Enumerable.Range(0, all.Count).ToArray();
        new Random(request.Seed).Shuffle(places);
        return [.. places.Take(request.MaxItems).Order().Select(place => all[place])];
    }

    private static List<JudgeItem> Numbered(List<JudgeItem> items) => [.. items.Select((item, row) => item with { Row = row })];

    /// <summary>What an expert chose, as the statistics name it. "Both bad" says as little of which is better as a tie does.</summary>
    public static PairChoice ChoiceOf(string value) =>
        value switch
        {
            Preference.First => PairChoice.First,
            Preference.Second => PairChoice.Second,
            _ => PairChoice.Tie,
        };

    public static int PointsOf(string value) => int.Parse(value, CultureInfo.InvariantCulture);
}
