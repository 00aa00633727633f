using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Serving;

/// <summary>A base whose weights are kept in one way: what a serving worker holds.</summary>
/// <param name="Path">Hugging Face folder, absolute.</param>
/// <param name="Precision">How the weights of its layers are kept; null as the server's settings say.</param>
public sealed record ServedBase(string Path, WeightPrecision? Precision = null);

/// <summary>Answers requests to base models and adapters, with at most one serving worker a base model, started when needed.</summary>
public sealed class ServingPool : IDisposable
{
    private readonly RunFolders _folders;
    private readonly WorkerLauncher _launcher;
    private readonly DeviceLoans _loans;
    private readonly JobsOptions _options;
    private readonly TimeProvider _clock;
    private readonly Dictionary<ServedBase, ServingWorker> _workers = [];
    private readonly Lock _lock = new();

    internal ServingPool(
        RunFolders folders,
        WorkerLauncher launcher,
        DeviceLoans loans,
        IOptions<JobsOptions> options,
        TimeProvider clock
    ) => (_folders, _launcher, _loans, _options, _clock) = (folders, launcher, loans, options.Value, clock);

    /// <summary>Generates text; it comes as it is made. Cancelling ends the generation in the worker too.</summary>
    /// <param name="baseModel">Whose worker answers.</param>
    /// <param name="adapters">All adapters of this base that may be asked for; a worker that lacks one is replaced.</param>
    /// <exception cref="JobFailedException">The worker could not load the model, or died; the message says so.</exception>
    public async IAsyncEnumerable<GenerateChunk> GenerateAsync(
        ServedBase baseModel,
        IReadOnlyList<NamedAdapter> adapters,
        GenerateRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var worker = Enter(baseModel, adapters);
        try
        {
            var socket = await worker.ConnectAsync(_options.ServeStartTimeout, cancellationToken);
            await foreach (var chunk in worker.GenerateAsync(socket, request, cancellationToken))
            {
                yield return chunk;
            }
        }
        finally
        {
            lock (_lock)
            {
                worker.Leave();
            }
        }
    }

    /// <summary>Waits until a worker with these adapters is ready, so that the first request need not.</summary>
    /// <exception cref="JobFailedException">The worker could not load the model, or died; the message says so.</exception>
    public async Task WarmAsync(ServedBase baseModel, IReadOnlyList<NamedAdapter> adapters, CancellationToken cancellationToken)
    {
        var worker = Enter(baseModel, adapters);
        try
        {
            using var socket = await worker.ConnectAsync(_options.ServeStartTimeout, cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                worker.Leave();
            }
        }
    }

    /// <summary>Whether a worker answers by this base just now.</summary>
    public bool Serves(string baseModelPath)
    {
        lock (_lock)
        {
            return _workers.Any(served => served.Key.Path == baseModelPath && !served.Value.HasExited);
        }
    }

    /// <summary>Kills the workers.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var worker in _workers.Values)
            {
                worker.Kill();
            }

            _workers.Clear();
        }
    }

    private ServingWorker Enter(ServedBase baseModel, IReadOnlyList<NamedAdapter> adapters)
    {
        baseModel = baseModel with { Precision = baseModel.Precision ?? _options.ServePrecision };
        lock (_lock)
        {
            if (_workers.TryGetValue(baseModel, out var worker) && (worker.HasExited || !worker.Knows(adapters)))
            {
                _workers.Remove(baseModel);
                // Other projects ask the same base for theirs: a worker that knew only the last one's would be replaced at each turn.
                adapters = worker.HasExited ? adapters : worker.With(adapters);
                worker.Retire();
                worker = null;
            }

            worker ??= _workers[baseModel] = Start(baseModel, adapters);
            worker.Enter();
            return worker;
        }
    }

    private ServingWorker Start(ServedBase baseModel, IReadOnlyList<NamedAdapter> adapters)
    {
        var device = _loans.Borrow(_options.ServeDevice, () => Release(baseModel, idle => idle.IsIdle));
        try
        {
            var worker = new ServingWorker(baseModel, adapters, _folders, _launcher, device, _options, _clock);
            _ = ReleaseWhenEndedAsync(baseModel, worker);
            return worker;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>A worker that ended by itself, as idle ones do, gives its device back.</summary>
    private async Task ReleaseWhenEndedAsync(ServedBase baseModel, ServingWorker ended)
    {
        await ended.WaitForExitAsync();
        Release(baseModel, worker => worker == ended);
    }

    private void Release(ServedBase baseModel, Func<ServingWorker, bool> which)
    {
        lock (_lock)
        {
            if (!_workers.TryGetValue(baseModel, out var worker) || !which(worker))
            {
                return;
            }

            _workers.Remove(baseModel);
            worker.Retire();
        }
    }
}
