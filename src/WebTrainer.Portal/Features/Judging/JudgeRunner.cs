using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Judging;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>
/// Has judges do their work, apart from any page. Each reply is stored when it is there, under the hash of all it depends on, so that a
/// restarted server goes on where it was, and nothing is asked twice.
/// </summary>
public sealed class JudgeRunner(
    IDbContextFactory<AppDb> databases,
    JudgeItems items,
    EndpointClient endpoint,
    LocalJudge local,
    JudgeSecrets secrets,
    IOptions<JudgingOptions> options,
    TimeProvider time,
    ILogger<JudgeRunner> logger
) : SteadyService(logger)
{
    private const int KeysAtOnce = 500;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(15);
    private readonly Channel<Guid> _waiting = Channel.CreateUnbounded<Guid>();
    private readonly ConcurrentDictionary<Guid, Progress> _running = new();
    private readonly ConcurrentDictionary<Guid, string> _problems = new();

    public void Begin(Guid workId) => _waiting.Writer.TryWrite(workId);

    /// <summary>Ends work that is under way; its state is the caller's matter.</summary>
    public void Cancel(Guid workId)
    {
        if (_running.TryGetValue(workId, out var progress))
        {
            progress.Stop.Cancel();
        }
    }

    /// <returns>Questions answered, and all of them; null while the work waits.</returns>
    public (int Done, int Total)? ProgressOf(Guid workId) =>
        _running.TryGetValue(workId, out var progress) && progress.Total > 0 ? (Volatile.Read(ref progress.Done), progress.Total) : null;

    /// <summary>Why open work does not go on for the moment; null while all is well.</summary>
    public string? ProblemOf(Guid workId) => _problems.GetValueOrDefault(workId);

    /// <summary>Asks one question, for somebody who tries a judge.</summary>
    /// <exception cref="JudgeException">The judge could not be asked.</exception>
    public Task<string> AskAsync(
        Guid projectId,
        JudgeSettings settings,
        string? key,
        JudgePrompt prompt,
        CancellationToken cancellationToken
    ) =>
        settings.Source == JudgeSource.Local
            ? local.AskAsync(projectId, settings, prompt, cancellationToken)
            : endpoint.AskAsync(settings, key, prompt, cancellationToken);

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        await using (var db = await databases.CreateDbContextAsync(stoppingToken))
        {
            foreach (
                var id in await db
                    .JudgeWorks.Where(w => w.State == JudgeWorkState.Open)
                    .OrderBy(w => w.CreatedAt)
                    .Select(w => w.Id)
                    .ToListAsync(stoppingToken)
            )
            {
                Begin(id);
            }
        }

        await Parallel.ForEachAsync(
            _waiting.Reader.ReadAllAsync(stoppingToken),
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.WorksAtOnce, CancellationToken = stoppingToken },
            async (id, cancellationToken) => await TryAsync(id, cancellationToken)
        );
    }

    /// <summary>
    /// Nothing that ends one piece of work ends the others: what can't even be written down as failed stays open, and is begun again after
    /// a pause.
    /// </summary>
    private async Task TryAsync(Guid workId, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(workId, cancellationToken);
            _problems.TryRemove(workId, out _);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            Logger.LogError(ex, "The judge's work {Work} waits", workId);
            _problems[workId] = FullDiskFault.Caused(ex)
                ? "The server's disk is full. It goes on by itself when there is room; nothing is asked twice."
                : "The server could not write down how far it is. It tries again by itself; nothing is asked twice.";
            _ = Task.Delay(s_pause, time, cancellationToken)
                .ContinueWith(_ => Begin(workId), cancellationToken, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    /// <summary>Does what is missing of one piece of work, and ends it.</summary>
    public async Task RunAsync(Guid workId, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var progress = new Progress(stop);
        if (!_running.TryAdd(workId, progress))
        {
            return; // begun twice
        }

        try
        {
            var result = await JudgeAsync(workId, progress, stop.Token);
            if (result is not null)
            {
                await EndAsync(workId, work => work.Done(JudgeJson.Write(result), time.GetUtcNow()));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped by a person, who has said so in the database; or the server ends, and the work goes on at its next start.
        }
        catch (Exception ex) when (ex is JudgeException or NotFoundException or RuleViolationException or DataProblemException)
        {
            await EndAsync(workId, work => work.Fail(ex.Message, time.GetUtcNow()));
        }
        catch (Exception ex) when (!PassingFault.Is(ex))
        {
            Logger.LogError(ex, "The judge's work {Work} could not be done", workId);
            await EndAsync(
                workId,
                work =>
                    work.Fail(
                        "Something went wrong on the server. It was noted in the server's log; what was answered is kept.",
                        time.GetUtcNow()
                    )
            );
        }
        finally
        {
            _running.TryRemove(workId, out _);
        }
    }

    private async Task<JudgeResult?> JudgeAsync(Guid workId, Progress progress, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var work = await db.JudgeWorks.AsNoTracking().SingleAsync(w => w.Id == workId, cancellationToken);
        if (work.State != JudgeWorkState.Open)
        {
            return null;
        }

        var judge = await db.Judges.AsNoTracking().SingleAsync(j => j.Id == work.JudgeId, cancellationToken);
        var settings = JudgeJson.Read<JudgeSettings>(work.Settings);
        // The key too goes only where it was given for.
        if (judge.RetiredAt is not null || JudgeSettings.Of(judge).Sha256() != work.SettingsSha256)
        {
            throw new JudgeException("The judge was changed, or taken out of use, after this was begun. Begin it anew.", mayPass: false);
        }

        var all = await items.ReadAsync(db, work.ProjectId, JudgeJson.Read<JudgeWorkRequest>(work.Request), cancellationToken);
        var questions = all.Where(item => !item.IsPlainTie)
            .SelectMany(item => JudgeQuestion.Of(item, judge.Id, settings))
            .DistinctBy(question => question.Key)
            .ToDictionary(question => question.Key);
        var replies = new ConcurrentDictionary<string, string>(await KnownAsync(db, questions.Keys, cancellationToken));
        (progress.Total, progress.Done) = (questions.Count, replies.Count);
        var key = secrets.Read(judge);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = options.Value.RequestsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            questions.Values.Where(question => !replies.ContainsKey(question.Key)),
            limits,
            async (question, token) =>
            {
                var reply = await AskAsync(work.ProjectId, settings, key, question.Prompt(settings.Rubric), token);
                replies[question.Key] = await KeepAsync(new JudgeVerdict(question.Key, judge.Id, reply, time.GetUtcNow()));
                Interlocked.Increment(ref progress.Done);
            }
        );
        return JudgeResult.Of(
            work.Kind,
            all,
            item => item.IsPlainTie ? [] : [.. JudgeQuestion.Of(item, judge.Id, settings).Select(question => replies[question.Key])]
        );
    }

    private static async Task<Dictionary<string, string>> KnownAsync(
        AppDb db,
        IEnumerable<string> keys,
        CancellationToken cancellationToken
    )
    {
        var known = new Dictionary<string, string>();
        foreach (var some in keys.Chunk(KeysAtOnce))
        {
            foreach (var verdict in await db.JudgeVerdicts.AsNoTracking().Where(v => some.Contains(v.Key)).ToListAsync(cancellationToken))
            {
                known[verdict.Key] = verdict.Reply;
            }
        }

        return known;
    }

    /// <summary>Whatever ends meanwhile: a reply that is there was paid for.</summary>
    private async Task<string> KeepAsync(JudgeVerdict verdict)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        if (await db.JudgeVerdicts.AsNoTracking().SingleOrDefaultAsync(v => v.Key == verdict.Key, CancellationToken.None) is { } other)
        {
            return other.Reply; // another piece of work asked the same a moment ago
        }

        db.JudgeVerdicts.Add(verdict);
        await db.SaveChangesAsync(CancellationToken.None);
        return verdict.Reply;
    }

    private async Task EndAsync(Guid workId, Action<JudgeWork> end)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var work = await db.JudgeWorks.SingleAsync(w => w.Id == workId, CancellationToken.None);
        if (work.State != JudgeWorkState.Open)
        {
            return;
        }

        end(work);
        try
        {
            await db.SaveChangesAsync(CancellationToken.None);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody stopped it in this very moment: that stands, and the replies are kept.
        }
    }

    private sealed class Progress(CancellationTokenSource stop)
    {
        public int Done;

        public CancellationTokenSource Stop => stop;

        public int Total { get; set; }
    }
}
