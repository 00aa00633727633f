using System.Text.Json;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>Asks a worker what a run would do and take, before anybody approves it.</summary>
public sealed class PlanRunner : IDisposable
{
    private readonly RunFolders _folders;
    private readonly WorkerLauncher _launcher;
    private readonly TimeSpan _timeout;
    private readonly SemaphoreSlim _places;

    internal PlanRunner(RunFolders folders, WorkerLauncher launcher, IOptions<JobsOptions> options)
    {
        _folders = folders;
        _launcher = launcher;
        _timeout = options.Value.PlanTimeout;
        _places = new SemaphoreSlim(options.Value.ConcurrentPlans);
    }

    /// <summary>Plans a run; waits while other plans are worked out.</summary>
    /// <exception cref="JobFailedException">The run can't be done, or takes too long to look at; the message says why.</exception>
    public async Task<RunPlan> PlanAsync(RunSpec spec, CancellationToken ct)
    {
        await _places.WaitAsync(ct);
        try
        {
            var folder = _folders.CreateTemporary(_ => spec with { Kind = JobKind.Plan });
            try
            {
                return Result(folder, await RunAsync(folder, ct));
            }
            finally
            {
                Directory.Delete(folder.Root, recursive: true);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<int?> RunAsync(RunFolder folder, CancellationToken ct)
    {
        using var worker = _launcher.StartChild(folder);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_timeout);
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
            throw new JobFailedException(
                $"Looking at the run took longer than {_timeout.TotalSeconds:0} seconds and was given up.",
                "Plan with fewer rows or a shorter context.");
        }
    }

    private static RunPlan Result(RunFolder folder, int? exitCode)
    {
        if (WorkerFailure.ToldBy(folder) is { } failure)
            throw failure;
        if (!File.Exists(folder.Plan))
            throw WorkerFailure.Of(folder, exitCode);
        using var stream = File.OpenRead(folder.Plan);
        return JsonSerializer.Deserialize<RunPlan>(stream, ProtocolJson.Document)
            ?? throw new JobFailedException("The worker left an empty plan.");
    }
}
