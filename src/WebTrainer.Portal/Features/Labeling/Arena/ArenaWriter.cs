using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Labels;
using WebTrainer.Jobs;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// Has the models of comparisons answer the prompts, one comparison at a time, apart from any page. Each answer is stored when it is there,
/// so that a restarted server goes on where it was; the pairs are made, and the task opened, when all are there.
/// </summary>
public sealed class ArenaWriter(
    IDbContextFactory<AppDb> databases,
    TaskRows rows,
    TimeProvider time,
    ILogger<ArenaWriter> logger,
    ServedModels? models = null
) : SteadyService(logger)
{
    private readonly Channel<Guid> _tasks = Channel.CreateUnbounded<Guid>();
    private readonly ConcurrentDictionary<Guid, string> _problems = new();

    public void Begin(Guid taskId)
    {
        _problems.TryRemove(taskId, out _);
        _tasks.Writer.TryWrite(taskId);
    }

    /// <summary>Why the last try ended early; null while all is well.</summary>
    public string? ProblemOf(Guid taskId) => _problems.GetValueOrDefault(taskId);

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        foreach (var id in await UnwrittenAsync(stoppingToken))
        {
            Begin(id);
        }

        await foreach (var id in _tasks.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(id, stoppingToken);
            }
            catch (JobFailedException ex)
            {
                _problems[id] = ex.Message;
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                Logger.LogError(ex, "The comparison {Task} could not be written", id);
                _problems[id] = "Something went wrong on the server while the models answered. It was noted in the server's log.";
            }
        }
    }

    /// <summary>Writes what is missing of a comparison, and opens it.</summary>
    public async Task WriteAsync(Guid taskId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var task = await db.LabelTasks.SingleAsync(t => t.Id == taskId, cancellationToken);
        if (task.ClosedAt is not null || await db.LabelItems.AnyAsync(i => i.TaskId == taskId, cancellationToken))
        {
            return;
        }

        var settings = JsonSerializer.Deserialize<ArenaSettings>(task.Filter, JsonSerializerOptions.Web)!;
        var version = await db.VersionOfAsync(task, cancellationToken);
        var prompts = await rows.ChooseAsync(version, settings.Rows, cancellationToken);
        var served = models is null ? [] : await models.ListAsync(task.ProjectId, cancellationToken);
        var there = (await db.ModelAnswers.Where(a => a.TaskId == taskId).ToListAsync(cancellationToken)).ToDictionary(a =>
            (a.RowId, a.Model)
        );
        foreach (var name in task.Models)
        {
            foreach (var prompt in prompts.Where(p => !there.ContainsKey((p.Id, name))))
            {
                var text =
                    name == ArenaService.DatasetModel
                        ? prompt.Response!
                        : await AskAsync(served, name, prompt, settings, cancellationToken);
                var answer = new ModelAnswer(taskId, prompt.Id, name, text, time.GetUtcNow());
                db.ModelAnswers.Add(answer);
                await db.SaveChangesAsync(cancellationToken);
                there[(prompt.Id, name)] = answer;
            }
        }

        await OpenAsync(db, task, prompts, there, cancellationToken);
    }

    private async Task<string> AskAsync(
        IReadOnlyList<CallableModel> served,
        string name,
        CanonicalRow prompt,
        ArenaSettings settings,
        CancellationToken cancellationToken
    )
    {
        var model =
            served.FirstOrDefault(m => m.Id == name)
            ?? throw new JobFailedException($"The model '{name}' is no longer there.", "Make a new comparison.");
        return await ModelTexts.AskAsync(models!, model, prompt.Prompt, settings.MaxTokens, settings.Temperature, cancellationToken);
    }

    /// <summary>All pairs of models for each prompt; which is the first of a pair is drawn, so that it tells nobody the model.</summary>
    private static async Task OpenAsync(
        AppDb db,
        LabelTask task,
        IReadOnlyList<CanonicalRow> prompts,
        Dictionary<(string, string), ModelAnswer> answers,
        CancellationToken cancellationToken
    )
    {
        var random = new Random(StableHash.Of(task.Id, ""));
        var ordinal = 0;
        foreach (var prompt in prompts)
        {
            for (var a = 0; a < task.Models.Count; a++)
            {
                for (var b = a + 1; b < task.Models.Count; b++)
                {
                    Guid[] pair = [answers[(prompt.Id, task.Models[a])].Id, answers[(prompt.Id, task.Models[b])].Id];
                    random.Shuffle(pair);
                    db.LabelItems.Add(
                        new LabelItem(
                            task.Id,
                            ordinal,
                            prompt.Id,
                            task.Rules.Overlap,
                            task.Rules.Order == ItemOrder.AsGiven ? ordinal : random.Next()
                        ).WithCandidates(pair)
                    );
                    ordinal++;
                }
            }
        }

        task.Resume();
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<List<Guid>> UnwrittenAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var paused = await db
            .LabelTasks.Where(t => t.ClosedAt == null && t.PausedAt != null && !db.LabelItems.Any(i => i.TaskId == t.Id))
            .ToListAsync(cancellationToken);
        return [.. paused.Where(t => t.Models.Count > 0).Select(t => t.Id)];
    }
}
