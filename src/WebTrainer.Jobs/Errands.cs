using System.Text.Json;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>Short jobs for whose result somebody waits: plans, checks, exports. Their workers end with the portal.</summary>
public sealed class Errands : IDisposable
{
    private readonly RunFolders _folders;
    private readonly WorkerLauncher _launcher;
    private readonly JobsOptions _options;
    private readonly SemaphoreSlim _places;

    internal Errands(RunFolders folders, WorkerLauncher launcher, IOptions<JobsOptions> options)
    {
        _folders = folders;
        _launcher = launcher;
        _options = options.Value;
        _places = new SemaphoreSlim(options.Value.ConcurrentPlans);
    }

    /// <summary>What a run would do and take, before anybody approves it; waits while other errands are done.</summary>
    /// <exception cref="JobFailedException">The run can't be done, or takes too long to look at; the message says why.</exception>
    public async Task<RunPlan> PlanAsync(RunSpec spec, CancellationToken ct)
    {
        await using var done = await DoAsync(spec with { Kind = JobKind.Plan }, folder => folder.Plan, _options.PlanTimeout, "Plan with fewer rows or a shorter context.", ct);
        return Read<RunPlan>(done.Path);
    }

    /// <summary>Loads a model and lets it answer.</summary>
    /// <exception cref="JobFailedException">It can't be used; the message says why.</exception>
    public async Task<ModelCheck> CheckAsync(RunSpec spec, CancellationToken ct)
    {
        await using var done = await DoAsync(spec with { Kind = JobKind.Check }, folder => folder.Check, _options.CheckTimeout, "The model may be too large for this machine.", ct);
        return Read<ModelCheck>(done.Path);
    }

    /// <summary>Merges an adapter into its base.</summary>
    /// <returns>The folder with the model; it is deleted when disposed.</returns>
    /// <exception cref="JobFailedException">It can't be done; the message says why.</exception>
    public Task<ErrandResult> MergeAsync(RunSpec spec, CancellationToken ct) =>
        DoAsync(spec with { Kind = JobKind.Export }, folder => folder.Merged, _options.ExportTimeout, "The model may be too large for this machine.", ct);

    public void Dispose() => _places.Dispose();

    private async Task<ErrandResult> DoAsync(RunSpec spec, Func<RunFolder, string> result, TimeSpan timeout, string advice, CancellationToken ct)
    {
        await _places.WaitAsync(ct);
        try
        {
            var folder = _folders.CreateTemporary(_ => spec);
            var done = new ErrandResult(folder.Root, result(folder));
            try
            {
                Check(folder, done, await RunAsync(folder, timeout, advice, ct));
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
            _places.Release();
        }
    }

    private async Task<int?> RunAsync(RunFolder folder, TimeSpan timeout, string advice, CancellationToken ct)
    {
        using var worker = _launcher.StartChild(folder);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            await worker.WaitForExitAsync(limit.Token);
            return worker.ExitCode;
        }
        catch (OperationCanceledException)
        {
            worker.Kill();
            await worker.WaitForExitAsync(CancellationToken.None); // Its folder is deleted next.
            ct.ThrowIfCancellationRequested();
            throw new JobFailedException($"This took longer than {timeout.TotalSeconds:0} seconds and was given up.", advice);
        }
    }

    private static void Check(RunFolder folder, ErrandResult done, int? exitCode)
    {
        if (WorkerFailure.ToldBy(folder) is { } failure)
            throw failure;
        if (!System.IO.Path.Exists(done.Path))
            throw WorkerFailure.Of(folder, exitCode);
    }

    private static T Read<T>(string path)
    {
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize<T>(stream, ProtocolJson.Document) ?? throw new JobFailedException("The worker left an empty result.");
    }
}

/// <summary>What an errand left: a file or folder, gone when disposed.</summary>
public sealed class ErrandResult(string root, string path) : IAsyncDisposable
{
    public string Path => path;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}
