using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>
/// Moves searches on: takes in trials that have ended, ends those that are worse than others, keeps the budget, begins the next. All it
/// knows is in the database, so that a portal that starts again goes on where it was.
/// </summary>
public sealed class SearchConductor(
    IDbContextFactory<AppDb> databases,
    TrainSpecs specs,
    RunFolders folders,
    JobQueue queue,
    JobControl control,
    TimeProvider clock,
    ILogger<SearchConductor> logger
) : SteadyService(logger)
{
    /// <summary>So many trials that fail one after the other, before any has succeeded, pause a search.</summary>
    public const int FailuresInARow = 3;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly Lock _lock = new();

    /// <summary>Looks at once instead of at the next turn.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            if (_woken.CurrentCount == 0)
            {
                _woken.Release();
            }
        }
    }

    /// <summary>One look at each search that has something going on.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        List<Guid> open;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            open = await db
                .Searches.Where(s =>
                    s.State == SearchState.Running || s.State == SearchState.Paused || s.Trials.Any(t => t.Outcome == TrialOutcome.Running)
                )
                .OrderBy(s => s.DecidedAt)
                .Select(s => s.Id)
                .ToListAsync(cancellationToken);
        }

        foreach (var id in open)
        {
            await TryLookAtAsync(id, cancellationToken);
        }
    }

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    /// <returns>Null where it is not what was submitted, or damaged.</returns>
    internal static SearchSpec? TryRead(SettingSearch search) =>
        JobSpec.Hash(search.Spec) == search.SpecSha256
            ? Stored.TryRead(() => JsonSerializer.Deserialize<SearchSpec>(search.Spec, ProtocolJson.Document))
            : null;

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await _woken.WaitAsync(s_interval, stoppingToken);
        }
    }

    /// <summary>Nothing that is wrong with one search keeps the others from going on.</summary>
    private async Task TryLookAtAsync(Guid searchId, CancellationToken cancellationToken)
    {
        try
        {
            await LookAtAsync(searchId, cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody changed it in this very moment, which the next look takes in.
        }
        catch (RuleViolationException refusal)
        {
            await NoteAsync(searchId, search => search.Wait(refusal.Message), cancellationToken); // such as a full queue, which passes
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && PassingFault.Is(exception))
        {
            Logger.LogWarning(exception, "The search {Search} waits", searchId);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Logger.LogError(exception, "The search {Search} can't go on", searchId);
            await NoteAsync(
                searchId,
                search => search.PutAside("Something went wrong on the server; it was noted in the server's log. “Go on” tries again."),
                cancellationToken
            );
        }
    }

    private async Task NoteAsync(Guid searchId, Action<SettingSearch> note, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            note(await db.Searches.SingleAsync(s => s.Id == searchId, cancellationToken));
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Logger.LogError(exception, "Why the search {Search} waits could not be written down", searchId);
        }
    }

    private async Task LookAtAsync(Guid searchId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var search = await db
            .Searches.Include(s => s.Trials)
                .ThenInclude(t => t.Run!.Job!.Uses)
            .SingleAsync(s => s.Id == searchId, cancellationToken);
        if (TryRead(search) is not { } spec)
        {
            search.PutAside(StoredSpec.Changed);
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        var request = spec.Request;
        var metrics = (
            await TrialMetrics.ReadAsync(db, [.. search.Trials.Select(t => t.Run?.JobId).OfType<Guid>()], cancellationToken)
        ).ToLookup(m => m.JobId);
        foreach (var trial in Running(search).Where(t => t.Run!.Job!.HasEnded))
        {
            trial.Settle(trial.Run!.Job!, TrialHistory.ValueOf(request, metrics[trial.Run.Job!.Id]));
        }

        var history = TrialHistory.Of(request, search.Trials, metrics);
        var spent = DeviceTime.Of(search, clock.GetUtcNow()) >= TimeSpan.FromMinutes(request.BudgetMinutes);
        TellThoseThatAreToEnd(search, request, history, spent);
        Turn(search, request, history, spent);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var trial in Running(search).Where(t => t.ToldToEnd is not null))
        {
            await EndAsync(trial, cancellationToken);
        }

        if (search.State == SearchState.Running && !spent && MayBegin(search, request))
        {
            await BeginAsync(db, search, spec, history, cancellationToken);
        }
    }

    private static IEnumerable<SearchTrial> Running(SettingSearch search) => search.Trials.Where(t => t.Outcome == TrialOutcome.Running);

    private static void TellThoseThatAreToEnd(SettingSearch search, SearchRequest request, IReadOnlyList<Trial> history, bool spent)
    {
        var pruner = Pruner.Of(request.Pruner);
        foreach (var trial in Running(search).Where(t => t.ToldToEnd is null))
        {
            if (search.State == SearchState.Stopped)
            {
                trial.Tell(TrialOutcome.Stopped, "The search was stopped.");
            }
            else if (spent)
            {
                trial.Tell(TrialOutcome.Stopped, $"The budget of {request.BudgetMinutes:G6} device minutes was spent.");
            }
            else if (pruner.Prunes(history[trial.Number], history))
            {
                trial.Tell(TrialOutcome.Pruned, "It was worse than the others at the same point.");
            }
        }
    }

    private void Turn(SettingSearch search, SearchRequest request, IReadOnlyList<Trial> history, bool spent)
    {
        if (search.HasEnded || Running(search).Any())
        {
            return;
        }

        if (spent)
        {
            search.Complete($"The budget of {request.BudgetMinutes:G6} device minutes is spent.", clock.GetUtcNow());
        }
        else if (search.Trials.Count >= request.Trials)
        {
            search.Complete(null, clock.GetUtcNow());
        }
        else if (
            search.State == SearchState.Running
            && history.Count >= FailuresInARow
            && history.All(t => t.State == TrialState.Failed)
            && history.Count % FailuresInARow == 0
        )
        {
            search.Pause($"All {history.Count} trials failed; look at their runs. “Go on” tries {FailuresInARow} more.");
        }
    }

    // One of its trials waits in the queue at most: what is chosen later knows more.
    private static bool MayBegin(SettingSearch search, SearchRequest request) =>
        search.Trials.Count < request.Trials
        && Running(search).Count() < request.AtOnce
        && !Running(search).Any(t => t.Run!.Job!.State == JobState.Queued);

    private async Task EndAsync(SearchTrial trial, CancellationToken cancellationToken)
    {
        try
        {
            await control.StopAsync(trial.Run!.JobId!.Value, cancellationToken);
        }
        catch (RuleViolationException)
        {
            // It ended by itself in the meantime, which the next look takes in.
        }
    }

    private async Task BeginAsync(
        AppDb db,
        SettingSearch search,
        SearchSpec spec,
        IReadOnlyList<Trial> history,
        CancellationToken cancellationToken
    )
    {
        if (
            SamplerChoice.Of(spec.Request.Sampler, spec.Request.Trials).Next(spec.Request.Space, history, spec.Request.Seed)
            is not { } point
        )
        {
            if (!Running(search).Any())
            {
                search.Complete("All points of the grid were tried.", clock.GetUtcNow());
            }

            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        var trial = search.Begin(TrialHistory.Write(point));
        if (await MakeRunAsync(db, search, spec, trial, point, cancellationToken) is not { } job)
        {
            await db.SaveChangesAsync(cancellationToken);
            return;
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch
        {
            Directory.Delete(folders.Of(job.Id).Root, recursive: true); // somebody stopped the search just now: this trial will never be
            throw;
        }

        queue.Enqueued(job);
    }

    /// <returns>The job, whose folder is there; null where the values make no run, which the trial then says.</returns>
    private async Task<Job?> MakeRunAsync(
        AppDb db,
        SettingSearch search,
        SearchSpec spec,
        SearchTrial trial,
        IReadOnlyDictionary<string, double> point,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var version = await db.DatasetVersions.AsNoTracking().SingleAsync(v => v.Id == search.DatasetVersionId, cancellationToken);
        var project = await db.Projects.SingleAsync(p => p.Id == search.ProjectId, cancellationToken);
        var request = spec.Request.Apply(point);
        TrainSpec made;
        var id = Guid.CreateVersion7();
        try
        {
            version.CheckLeaks();
            made = TrialSpec.Of(specs.Make(id, request, version), spec);
        }
        catch (Exception refusal) when (RefusalHandler.StatusOf(refusal) is not null && !PassingFault.Is(refusal))
        {
            trial.Fail(RefusalHandler.SentenceOf(refusal)); // a teacher that is gone, files that are
            return null;
        }

        var text = made.ToText();
        var name = $"Trial {trial.Number + 1} of search {search.Number}";
        var run = new Run(
            search.ProjectId,
            project.TakeNumber(),
            name,
            version.Id,
            request.BaseModel,
            text,
            JobSpec.Hash(text),
            search.SubmittedBy,
            now,
            id
        );
        var job = run.ApproveAsTrialOf(search, now);
        trial.RunsAs(run);
        db.Runs.Add(run);
        db.Jobs.Add(job);
        db.Audit.Add(
            new AuditEntry(
                now,
                search.DecidedBy!,
                await NameAsync(db, search.DecidedBy!, cancellationToken),
                search.ProjectId,
                "search.trial-begun",
                search.Id.ToString(),
                null,
                JsonSerializer.Serialize(
                    new
                    {
                        trial = trial.Number,
                        run = run.Id,
                        run.SpecSha256,
                        search = search.SpecSha256,
                    },
                    ProtocolJson.Line
                )
            )
        );
        folders.Create(job.Id, text);
        return job;
    }

    private static async Task<string> NameAsync(AppDb db, string userId, CancellationToken cancellationToken) =>
        await db.Users.Where(u => u.Id == userId).Select(u => u.DisplayName).SingleOrDefaultAsync(cancellationToken) ?? userId;
}
