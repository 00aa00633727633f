using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Projects;
using WebTrainer.Labeling;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What a lead fills in to have models compared.</summary>
public sealed record NewComparison
{
    public required Guid VersionId { get; init; }
    public required string Name { get; init; }

    /// <summary>Models by the names of the project; <see cref="ArenaService.DatasetModel"/> stands for the rows' own responses.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    public required IReadOnlyList<string> Assignees { get; init; }
    public RowChoice Rows { get; init; } = new(20, AtRandom: true);
    public TaskRules Rules { get; init; } = new();
    public string Guidelines { get; init; } = "";

    /// <summary>Ask why, too.</summary>
    public bool AskReasons { get; init; } = true;

    /// <summary>Ask for a better response where both are bad.</summary>
    public bool AskRepair { get; init; } = true;
    public int MaxTokens { get; init; } = 128;
    public double Temperature { get; init; }
}

/// <summary>How the models are asked; kept with the task, so that a restarted server goes on with it.</summary>
public sealed record ArenaSettings(RowChoice Rows, int MaxTokens, double Temperature);

public sealed record ComparisonForm(TaskForm Task, IReadOnlyList<string> Models);

/// <param name="Rating">Null for a model that met nobody yet.</param>
/// <param name="Low">Null while there are too few judgements to tell an interval.</param>
public sealed record RankingLine(string Model, double? Rating, double? Low, double? High, double Elo, int Battles, int? VotesUntilSure);

/// <param name="Wins">Of the first against the second; ties are apart.</param>
public sealed record DuelLine(string First, string Second, int Wins, int Losses, int Ties, int BothBad);

/// <param name="Lines">The strongest first.</param>
/// <param name="Duels">Of the category that was asked for; all when none was.</param>
public sealed record Ranking(
    string Name,
    int Votes,
    int Written,
    int ToWrite,
    string? Problem,
    IReadOnlyList<RankingLine> Lines,
    IReadOnlyList<DuelLine> Duels,
    IReadOnlyList<string> Categories
);

/// <summary>Models judged against each other: prompts answered by all of them, shown in pairs, blind and shuffled.</summary>
public sealed class ArenaService(Authorizer authorizer, TaskRows rows, ArenaWriter writer, ServedModels? models = null)
{
    public const string DatasetModel = "dataset";
    public const int MaxPrompts = 1_000;
    public const int MaxModels = 8;
    public const int MaxTokens = 1_024;
    private const int Seed = 1;

    /// <summary>With fewer judgements, or all of them alike, a bootstrap draws the same again and again and calls it certain.</summary>
    private const int MinForInterval = 10;

    public async Task<ComparisonForm> FormAsync(Caller caller, Guid projectId, LabelingService tasks, CancellationToken cancellationToken)
    {
        var form = await tasks.FormAsync(caller, projectId, cancellationToken);
        var names = models is null ? [] : (await models.ListAsync(projectId, cancellationToken)).Select(m => m.Id);
        return new ComparisonForm(form, [.. names, DatasetModel]);
    }

    /// <summary>Makes the task; people get it when the models have answered.</summary>
    public async Task<Guid> CreateAsync(Caller caller, Guid projectId, NewComparison draft, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        var version = await work.VersionAsync(draft.VersionId, cancellationToken);
        if (draft.Models.Count > MaxModels)
        {
            throw new RuleViolationException($"Compare at most {MaxModels} models at once.");
        }

        if (draft.MaxTokens is < 1 or > MaxTokens || draft.Temperature is not (>= 0 and <= 2))
        {
            throw new RuleViolationException($"An answer has 1 to {MaxTokens} tokens, and the temperature lies between 0 and 2.");
        }

        var known = models is null ? [] : (await models.ListAsync(projectId, cancellationToken)).Select(m => m.Id).ToHashSet();
        if (draft.Models.FirstOrDefault(m => m != DatasetModel && !known.Contains(m)) is { } unknown)
        {
            throw new RuleViolationException($"There is no model '{unknown}' in this project.");
        }

        var choice = draft.Rows with { OnlyAnswered = draft.Models.Contains(DatasetModel) };
        var prompts = await rows.ChooseAsync(version, choice, cancellationToken);
        if (prompts.Count > MaxPrompts)
        {
            throw new RuleViolationException(
                $"Compare models on at most {MaxPrompts} prompts; these are {prompts.Count}. Take fewer rows."
            );
        }

        var task = (
            await LabelingService.MakeAsync(
                work,
                version,
                new NewTaskDraft
                {
                    VersionId = version.Id,
                    Name = draft.Name,
                    Questions = Questions(draft),
                    Guidelines = draft.Guidelines,
                    Rules = draft.Rules,
                    Assignees = draft.Assignees,
                },
                cancellationToken
            )
        ).Comparing(draft.Models);
        task.TakeRows(JsonSerializer.Serialize(new ArenaSettings(choice, draft.MaxTokens, draft.Temperature), JsonSerializerOptions.Web));
        task.Pause(work.Now);
        work.Db.LabelTasks.Add(task);
        await work.Db.SaveWithAuditAsync(work, "labeling.comparison-created", task, prompts.Count, cancellationToken);
        writer.Begin(task.Id);
        return task.Id;
    }

    /// <summary>Asks the models again for what is missing, after something was mended.</summary>
    public async Task RetryAsync(Caller caller, Guid projectId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageLabeling, cancellationToken);
        await work.TaskAsync(taskId, cancellationToken);
        work.Audit("labeling.comparison-retried", taskId);
        await work.SaveAsync(cancellationToken);
        writer.Begin(taskId);
    }

    /// <param name="category">Only prompts of rows with this label, for the duels.</param>
    public async Task<Ranking> RankAsync(Caller caller, Guid projectId, Guid taskId, string? category, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var task = await work.TaskAsync(taskId, cancellationToken);
        if (task.Models.Count == 0)
        {
            throw new RuleViolationException("This task compares no models.");
        }

        var settings = JsonSerializer.Deserialize<ArenaSettings>(task.Filter, JsonSerializerOptions.Web)!;
        var version = await work.VersionAsync(task.DatasetVersionId, cancellationToken);
        var prompts = await rows.ChooseAsync(version, settings.Rows, cancellationToken);
        var labels = prompts.ToDictionary(r => r.Id, r => r.Label);
        var votes = await VotesAsync(work, task, cancellationToken);
        var battles = votes.ConvertAll(v => v.Battle);
        var ratings = BradleyTerry.FitWithIntervals(battles, task.Models.Count, Seed);
        var elo = Elo.Rate(battles, task.Models.Count);
        var order = ratings.OrderByDescending(r => double.IsNaN(r.Rating) ? double.NegativeInfinity : r.Rating).ToList();
        var shown = category is null ? votes : votes.FindAll(v => labels.GetValueOrDefault(v.RowId) == category);
        return new Ranking(
            task.Name,
            votes.Count,
            await work.Db.ModelAnswers.CountAsync(a => a.TaskId == taskId, cancellationToken),
            prompts.Count * task.Models.Count,
            writer.ProblemOf(taskId),
            [
                .. order.Select(
                    (r, place) =>
                        new RankingLine(
                            task.Models[r.Player],
                            double.IsNaN(r.Rating) ? null : r.Rating,
                            Interval(battles, r).Low,
                            Interval(battles, r).High,
                            elo[r.Player],
                            Judged(battles, r.Player),
                            place + 1 < order.Count
                                ? BradleyTerry.VotesUntilSure(
                                    r.Rating,
                                    order[place + 1].Rating,
                                    Between(battles, r.Player, order[place + 1].Player)
                                )
                                : 0
                        )
                ),
            ],
            [.. Duels(task, shown)],
            [.. labels.Values.OfType<string>().Distinct().Order(StringComparer.Ordinal)]
        );
    }

    private sealed record Vote(string RowId, Battle Battle, bool BothBad);

    private static async Task<List<Vote>> VotesAsync(ProjectWork work, LabelTask task, CancellationToken cancellationToken)
    {
        var question = task.Find(QuestionKind.BestOfTwo)!;
        var models = await work
            .Db.ModelAnswers.Where(a => a.TaskId == task.Id)
            .Select(a => new { a.Id, a.Model })
            .ToDictionaryAsync(a => a.Id, a => task.Models.IndexOf(a.Model), cancellationToken);
        var given = await (
            from assignment in work.Db.Assignments
            join item in work.Db.LabelItems on assignment.ItemId equals item.Id
            where assignment.TaskId == task.Id && assignment.State == AssignmentState.Answered
            orderby assignment.AnsweredAt
            select new
            {
                item.RowId,
                item.Candidates,
                assignment.Values,
            }
        ).ToListAsync(cancellationToken);
        return
        [
            .. from answer in given
            let value = QuestionForm.Read(answer.Values).GetValueOrDefault(question.Key)
            where value is not null
            select new Vote(
                answer.RowId,
                new Battle(
                    models[answer.Candidates[0]],
                    models[answer.Candidates[1]],
                    value switch
                    {
                        Preference.First => 1,
                        Preference.Second => 0,
                        _ => 0.5,
                    }
                ),
                value == Preference.BothBad
            ),
        ];
    }

    private static int Between(List<Battle> battles, int a, int b) =>
        battles.Count(x => (x.First == a && x.Second == b) || (x.First == b && x.Second == a));

    private static int Judged(List<Battle> battles, int player) => battles.Count(b => b.First == player || b.Second == player);

    private static (double? Low, double? High) Interval(List<Battle> battles, PlayerRating rating) =>
        Judged(battles, rating.Player) < MinForInterval || rating.High - rating.Low < 1 ? (null, null) : (rating.Low, rating.High);

    private static IEnumerable<DuelLine> Duels(LabelTask task, List<Vote> votes)
    {
        for (var a = 0; a < task.Models.Count; a++)
        {
            for (var b = a + 1; b < task.Models.Count; b++)
            {
                var met = votes.FindAll(v => Between([v.Battle], a, b) == 1);
                int Won(int player) => met.Count(v => v.Battle.Score == (v.Battle.First == player ? 1 : 0));
                yield return new DuelLine(
                    task.Models[a],
                    task.Models[b],
                    Won(a),
                    Won(b),
                    met.Count(v => v.Battle.Score == 0.5 && !v.BothBad),
                    met.Count(v => v.BothBad)
                );
            }
        }
    }

    private static List<Question> Questions(NewComparison draft)
    {
        var questions = new List<Question> { Question.New(QuestionKind.BestOfTwo, "best", "Which response is better?") };
        if (draft.AskReasons)
        {
            questions.Add(Question.New(QuestionKind.Text, "reason", "Why?") with { Required = false });
        }

        if (draft.AskRepair)
        {
            questions.Add(
                Question.New(QuestionKind.Rewrite, "better", "Write the response that should have been given.") with
                {
                    Required = false,
                    DependsOn = new Condition("best", Preference.BothBad),
                }
            );
        }

        return questions;
    }
}
