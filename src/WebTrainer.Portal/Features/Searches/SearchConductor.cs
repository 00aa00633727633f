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
using WebTrainer.Protocol;
using WebTrainer.Search;
using WebTrainer.Search.Pruning;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>
/// Moves searches on: takes in trials that have ended, ends those that are worse than others, keeps the budget, begins the next. All it knows is in
/// the database, so that a portal that starts again goes on where it was.
/// </summary>
public sealed class SearchConductor(
    IDbContextFactory<AppDb> databases, SpecBuilder specs, RunFolders folders, JobQueue queue, JobControl control, TimeProvider clock, ILogger<SearchConductor> logger)
    : BackgroundService
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
                _woken.Release();
        }
    }

    /// <summary>One look at each search that has something going on.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        List<Guid> open;
        await using (var db = await databases.CreateDbContextAsync(ct))
        {
            open = await db.Searches.Where(s => s.State == SearchState.Running || s.State == SearchState.Paused || s.Trials.Any(t => t.Outcome == TrialOutcome.Running))
                .OrderBy(s => s.DecidedAt).Select(s => s.Id).ToListAsync(ct);
        }

        foreach (var id in open)
            await LookAtAsync(id, ct);
    }

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    internal static SearchSpec Read(SettingSearch search) => JsonSerializer.Deserialize<SearchSpec>(search.Spec, ProtocolJson.Document)
        ?? throw new InvalidDataException($"The search {search.Id} has no spec.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The searches could not be looked through; trying again"); // A locked database passes.
            }

            await _woken.WaitAsync(s_interval, stoppingToken);
        }
    }

    private async Task LookAtAsync(Guid searchId, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var search = await db.Searches.Include(s => s.Trials).ThenInclude(t => t.Run!.Job).SingleAsync(s => s.Id == searchId, ct);
        var request = Read(search).Request;
        var metrics = (await TrialMetrics.ReadAsync(db, [.. search.Trials.Select(t => t.Run?.JobId).OfType<Guid>()], ct)).ToLookup(m => m.JobId);
        foreach (var trial in Running(search).Where(t => t.Run!.Job!.HasEnded))
            trial.Settle(trial.Run!.Job!, TrialHistory.ValueOf(request, metrics[trial.Run.Job!.Id]));
        var history = TrialHistory.Of(request, search.Trials, metrics);
        var spent = DeviceTime.Of(search, clock.GetUtcNow()) >= TimeSpan.FromMinutes(request.BudgetMinutes);
        TellThoseThatAreToEnd(search, request, history, spent);
        Turn(search, request, history, spent);
        await db.SaveChangesAsync(ct);
        foreach (var trial in Running(search).Where(t => t.ToldToEnd is not null))
            await EndAsync(trial, ct);
        if (search.State == SearchState.Running && !spent && MayBegin(search, request))
            await BeginAsync(db, search, history, ct);
    }

    private static IEnumerable<SearchTrial> Running(SettingSearch search) => search.Trials.Where(t => t.Outcome == TrialOutcome.Running);

    private static void TellThoseThatAreToEnd(SettingSearch search, SearchRequest request, IReadOnlyList<Trial> history, bool spent)
    {
        var pruner = Pruner.Of(request.Pruner);
        foreach (var trial in Running(search).Where(t => t.ToldToEnd is null))
        {
            if (search.State == SearchState.Stopped)
                trial.Tell(TrialOutcome.Stopped, "The search was stopped.");
            else if (spent)
                trial.Tell(TrialOutcome.Stopped, $"The budget of {request.BudgetMinutes:G6} device minutes was spent.");
            else if (pruner.Prunes(history[trial.Number], history))
                trial.Tell(TrialOutcome.Pruned, "It was worse than the others at the same point.");
        }
    }

    private void Turn(SettingSearch search, SearchRequest request, IReadOnlyList<Trial> history, bool spent)
    {
        if (search.HasEnded || Running(search).Any())
            return;
        if (spent)
            search.Complete($"The budget of {request.BudgetMinutes:G6} device minutes is spent.", clock.GetUtcNow());
        else if (search.Trials.Count >= request.Trials)
            search.Complete(null, clock.GetUtcNow());
        else if (search.State == SearchState.Running && history.Count >= FailuresInARow && history.All(t => t.State == TrialState.Failed) && history.Count % FailuresInARow == 0)
            search.Pause($"All {history.Count} trials failed; look at their runs. “Go on” tries {FailuresInARow} more.");
    }

    // One of its trials waits in the queue at most: what is chosen later knows more.
    private static bool MayBegin(SettingSearch search, SearchRequest request) =>
        search.Trials.Count < request.Trials && Running(search).Count() < request.AtOnce && !Running(search).Any(t => t.Run!.Job!.State == JobState.Queued);

    private async Task EndAsync(SearchTrial trial, CancellationToken ct)
    {
        try
        {
            await control.StopAsync(trial.Run!.JobId!.Value, ct);
        }
        catch (RuleViolationException)
        {
            // It ended by itself in the meantime, which the next look takes in.
        }
    }

    private async Task BeginAsync(AppDb db, SettingSearch search, IReadOnlyList<Trial> history, CancellationToken ct)
    {
        var spec = Read(search);
        if (Sampler.Of(spec.Request.Sampler, spec.Request.Trials).Next(spec.Request.Space, history, spec.Request.Seed) is not { } point)
        {
            if (!Running(search).Any())
                search.Complete("All points of the grid were tried.", clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
            return;
        }

        var trial = search.Begin(TrialHistory.Write(point));
        if (await MakeRunAsync(db, search, spec, trial, point, ct) is not { } job)
        {
            await db.SaveChangesAsync(ct);
            return;
        }

        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch
        {
            Directory.Delete(folders.Of(job.Id).Root, recursive: true); // somebody stopped the search just now: this trial will never be
            throw;
        }

        queue.Enqueued(job);
    }

    /// <returns>The job, whose folder is there; null where the values make no run, which the trial then says.</returns>
    private async Task<Job?> MakeRunAsync(AppDb db, SettingSearch search, SearchSpec spec, SearchTrial trial, IReadOnlyDictionary<string, double> point, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var version = await db.DatasetVersions.AsNoTracking().SingleAsync(v => v.Id == search.DatasetVersionId, ct);
        var project = await db.Projects.SingleAsync(p => p.Id == search.ProjectId, ct);
        var request = spec.Request.Apply(point);
        RunSpec made;
        var id = Guid.CreateVersion7();
        try
        {
            version.CheckLeaks();
            made = TrialSpec.Of(specs.Train(id, request, version), spec);
        }
        catch (RuleViolationException refusal)
        {
            trial.Fail(refusal.Message);
            return null;
        }

        var text = SpecBuilder.Write(made);
        var name = $"Trial {trial.Number + 1} of search {search.Number}";
        var run = new Run(search.ProjectId, project.TakeNumber(), name, version.Id, request.BaseModel, text, SpecBuilder.Hash(text), search.SubmittedBy, now, id);
        var job = run.ApproveAsTrialOf(search, now);
        trial.RunsAs(run);
        db.Runs.Add(run);
        db.Jobs.Add(job);
        db.Audit.Add(new AuditEntry(now, search.DecidedBy!, await NameAsync(db, search.DecidedBy!, ct), search.ProjectId, "search.trial-begun", search.Id.ToString(),
            null, JsonSerializer.Serialize(new { trial = trial.Number, run = run.Id, run.SpecSha256, search = search.SpecSha256 }, ProtocolJson.Line)));
        folders.Create(job.Id, made);
        return job;
    }

    private static async Task<string> NameAsync(AppDb db, string userId, CancellationToken ct) =>
        await db.Users.Where(u => u.Id == userId).Select(u => u.DisplayName).SingleOrDefaultAsync(ct) ?? userId;
}
