using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>Jobs for whose result somebody waits: plans, checks, exports, vectors of texts. Their workers end with the portal.</summary>
public sealed class Errands : IDisposable
{
    private const string TooLarge = "The model may be too large for this machine.";

    private readonly RunFolders _folders;
    private readonly WorkerLauncher _launcher;
    private readonly DeviceLoans _loans;
    private readonly JobsOptions _options;
    private readonly SemaphoreSlim _plans,
        _places,
        _longPlaces;

    /// <summary>Each project makes one plan at a time, so that what one asks for never stands before what another does.</summary>
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _plansOf = new();

    internal Errands(RunFolders folders, WorkerLauncher launcher, DeviceLoans loans, IOptions<JobsOptions> options)
    {
        _folders = folders;
        _launcher = launcher;
        _loans = loans;
        _options = options.Value;
        _plans = new SemaphoreSlim(options.Value.ConcurrentPlans);
        _places = new SemaphoreSlim(options.Value.ConcurrentChecks);
        _longPlaces = new SemaphoreSlim(options.Value.ConcurrentEmbeddings);
    }

    /// <summary>What a run would do and take, before anybody approves it; waits while another plan of the project is made.</summary>
    /// <exception cref="JobFailedException">The run can't be done, or takes too long to look at; the message says why.</exception>
    public async Task<RunPlan> PlanAsync(Guid projectId, RunSpec spec, CancellationToken cancellationToken)
    {
        var turn = _plansOf.GetOrAdd(projectId, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var done = await DoAsync(
                spec with
                {
                    Kind = JobKind.Plan,
                },
                new Errand(folder => folder.Plan, _options.PlanTimeout, "Plan with fewer rows or a shorter context.", _plans),
                cancellationToken
            );
            return Read<RunPlan>(done.Path);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Loads a model and lets it answer, or an encoder and lets it compare two sentences.</summary>
    /// <exception cref="JobFailedException">It can't be used; the message says why.</exception>
    public async Task<ModelCheck> CheckAsync(RunSpec spec, CancellationToken cancellationToken)
    {
        await using var done = await DoAsync(
            spec with
            {
                Kind = JobKind.Check,
            },
            new Errand(folder => folder.Check, _options.CheckTimeout, TooLarge, _places),
            cancellationToken
        );
        return Read<ModelCheck>(done.Path);
    }

    /// <summary>Merges an adapter into its base.</summary>
    /// <returns>The folder with the model; it is deleted when disposed.</returns>
    /// <exception cref="JobFailedException">It can't be done; the message says why.</exception>
    public Task<ErrandResult> MergeAsync(RunSpec spec, CancellationToken cancellationToken) =>
        DoAsync(
            spec with
            {
                Kind = JobKind.Export,
            },
            new Errand(folder => folder.Merged, _options.ExportTimeout, TooLarge, _places),
            cancellationToken
        );

    /// <summary>Makes vectors of texts by an encoder.</summary>
    /// <param name="texts">A JSON string a line; the file is taken.</param>
    /// <param name="vectors">Where their vectors are put, as <see cref="RunFolder.Vectors"/> has them.</param>
    /// <param name="brief">Somebody waits for a few texts at a page: it queues with checks. Others may take hours, and have places of their
    /// own.</param>
    /// <exception cref="JobFailedException">It can't be done; the message says why.</exception>
    public async Task<TextVectors> EmbedAsync(
        RunSpec spec,
        string texts,
        string vectors,
        bool brief,
        IProgress<ProgressEvent>? progress,
        CancellationToken cancellationToken
    )
    {
        var errand = new Errand(
            folder => folder.VectorFacts,
            brief ? _options.CheckTimeout : _options.EmbedTimeout,
            "Choose a smaller encoder, or clean fewer rows at once.",
            brief ? _places : _longPlaces
        )
        {
            Prepare = folder => File.Move(texts, folder.Texts),
            Progress = progress,
        };
        await using var done = await DoAsync(spec with { Kind = JobKind.Embed }, errand, cancellationToken);
        File.Move(new RunFolder(done.Root).Vectors, vectors);
        return Read<TextVectors>(done.Path);
    }

    public void Dispose()
    {
        _plans.Dispose();
        _places.Dispose();
        _longPlaces.Dispose();
    }

    private async Task<ErrandResult> DoAsync(RunSpec spec, Errand errand, CancellationToken cancellationToken)
    {
        await errand.Places.WaitAsync(cancellationToken);
        try
        {
            using var loan = _loans.Borrow(spec.Device);
            var folder = _folders.CreateTemporary(_ => spec);
            var done = new ErrandResult(folder.Root, errand.Result(folder));
            try
            {
                errand.Prepare?.Invoke(folder);
                Check(folder, done, await RunAsync(folder, loan.Device, errand, cancellationToken));
                return done;
            }
            catch
            {
                await done.DisposeAsync();
                throw;
            }
        }
        finally
        {
            errand.Places.Release();
        }
    }

    private async Task<int?> RunAsync(RunFolder folder, string device, Errand errand, CancellationToken cancellationToken)
    {
        using var worker = _launcher.StartChild(folder, device);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(errand.Timeout);
        try
        {
            await FollowAsync(folder, worker.WaitForExitAsync(limit.Token), errand.Progress);
            return worker.ExitCode;
        }
        catch (OperationCanceledException)
        {
            worker.Kill();
            await worker.WaitForExitAsync(CancellationToken.None); // Its folder is deleted next.
            cancellationToken.ThrowIfCancellationRequested();
            throw new JobFailedException($"This took longer than {Words(errand.Timeout)} and was given up.", errand.Advice);
        }
    }

    private static string Words(TimeSpan time) =>
        time.TotalHours >= 2 ? $"{time.TotalHours:0.#} hours"
        : time.TotalMinutes >= 2 ? $"{time.TotalMinutes:0} minutes"
        : $"{time.TotalSeconds:0} seconds";

    /// <summary>Tells how far the worker says it is until it ends.</summary>
    private async Task FollowAsync(RunFolder folder, Task ended, IProgress<ProgressEvent>? progress)
    {
        var events = new EventReader(folder.Events);
        while (progress is not null && await Task.WhenAny(ended, Task.Delay(_options.PollInterval, CancellationToken.None)) != ended)
        {
            if (events.Read().Events.OfType<ProgressEvent>().LastOrDefault() is { } now)
            {
                progress.Report(now);
            }
        }

        await ended;
    }

    private static void Check(RunFolder folder, ErrandResult done, int? exitCode)
    {
        if (WorkerFailure.ToldBy(folder) is { } failure)
        {
            throw failure;
        }

        if (!System.IO.Path.Exists(done.Path))
        {
            throw WorkerFailure.Of(folder, exitCode);
        }
    }

    /// <param name="Result">What must be there when the worker has ended.</param>
    /// <param name="Advice">What to try where it takes too long.</param>
    /// <param name="Places">How many of its kind are done at once.</param>
    private sealed record Errand(Func<RunFolder, string> Result, TimeSpan Timeout, string Advice, SemaphoreSlim Places)
    {
        /// <summary>Puts what the worker needs beside the spec.</summary>
        public Action<RunFolder>? Prepare { get; init; }

        public IProgress<ProgressEvent>? Progress { get; init; }
    }

    private static T Read<T>(string path)
    {
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize<T>(stream, ProtocolJson.Document)
            ?? throw new JobFailedException("The worker left an empty result.");
    }
}

/// <summary>What an errand left: a file or folder, gone when disposed.</summary>
public sealed class ErrandResult(string root, string path) : IAsyncDisposable
{
    public string Path => path;

    internal string Root => root;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}
