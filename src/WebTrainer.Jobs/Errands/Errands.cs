using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Workers;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>Does jobs for whose result somebody waits. Their workers end with the portal.</summary>
public sealed class Errands : IDisposable
{
    private readonly RunFolders _folders;
    private readonly WorkerLauncher _launcher;
    private readonly DeviceLoans _loans;
    private readonly JobsOptions _options;
    private readonly ConcurrentDictionary<ErrandPlaces, SemaphoreSlim> _places = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<object, SemaphoreSlim> _turns = new();

    internal Errands(RunFolders folders, WorkerLauncher launcher, DeviceLoans loans, IOptions<JobsOptions> options) =>
        (_folders, _launcher, _loans, _options) = (folders, launcher, loans, options.Value);

    /// <summary>Does it where a place is free, else waits for one.</summary>
    /// <exception cref="JobFailedException">It can't be done, or takes too long; the message says why.</exception>
    public async Task<TResult> DoAsync<TResult>(Errand<TResult> errand, CancellationToken cancellationToken)
    {
        using var turn = errand.Turn is { } one
            ? await EnterAsync(_turns.GetOrAdd(one, _ => new SemaphoreSlim(1)), cancellationToken)
            : null;
        var places = _places.GetOrAdd(errand.Places, kind => new SemaphoreSlim(kind.Count(_options)));
        using var place = await EnterAsync(places, cancellationToken);
        using var loan = _loans.Borrow(errand.Spec.Device);
        var folder = _folders.CreateTemporary(_ => errand.Spec);
        var stays = false;
        try
        {
            errand.Prepare(folder);
            Check(folder, errand.ResultIn(folder), await RunAsync(folder, loan.Device, errand, cancellationToken));
            var result = errand.Take(folder);
            stays = errand.LeavesFolder;
            return result;
        }
        finally
        {
            if (!stays)
            {
                Directory.Delete(folder.Root, recursive: true);
            }
        }
    }

    public void Dispose()
    {
        foreach (var places in _places.Values.Concat(_turns.Values))
        {
            places.Dispose();
        }
    }

    private static async Task<IDisposable> EnterAsync(SemaphoreSlim places, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        return new Place(places);
    }

    private async Task<int?> RunAsync<TResult>(RunFolder folder, string device, Errand<TResult> errand, CancellationToken cancellationToken)
    {
        var longest = errand.Limit(_options);
        using var worker = _launcher.StartChild(folder, device);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest);
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
            throw new JobFailedException($"This took longer than {Words(longest)} and was given up.", errand.Advice);
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

    private static void Check(RunFolder folder, string result, int? exitCode)
    {
        if (WorkerFailure.ToldBy(folder) is { } failure)
        {
            throw failure;
        }

        if (!Path.Exists(result))
        {
            throw WorkerFailure.Of(folder, exitCode);
        }
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
