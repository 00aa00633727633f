using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Jobs;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Models;

/// <summary>A download as people see it.</summary>
/// <param name="Problem">Why it ended early; null while it goes on.</param>
public sealed record ModelDownload(string HubName, string Name, HubProgress? Progress, string? Problem);

/// <summary>
/// Fetches models from the hub apart from any page. What has arrived of one that broke off, or was interrupted by a restart, stays on
/// disk; asking for the same model again goes on with it.
/// </summary>
public sealed class ModelDownloads(ModelLibrary library, DataFolder data, IOptions<ConnectorOptions> options) : IDisposable
{
    private const string PartialFolder = ".hub";
    private readonly SafeHttp _http = new(options.Value);
    private readonly ConcurrentDictionary<string, (ModelDownload State, CancellationTokenSource Stop)> _all = new(StringComparer.OrdinalIgnoreCase);

    public async Task<IReadOnlyList<ModelDownload>> ListAsync(Caller caller, Guid projectId, CancellationToken ct)
    {
        await library.ListAsync(caller, projectId, ct); // who may see the models may see these
        return [.. _all.Values.Select(entry => entry.State).OrderBy(state => state.Name, StringComparer.Ordinal)];
    }

    /// <summary>Begins, or goes on with, the download of a model; it becomes a base model when it has loaded and answered.</summary>
    public async Task BeginAsync(Caller caller, Guid projectId, string hubName, string name, CancellationToken ct)
    {
        if (!HubModel.IsName(hubName))
            throw new RuleViolationException("Write the model's name as owner/name, as the hub shows it.");
        await library.CheckNameAsync(caller, projectId, name, ct);
        var stop = new CancellationTokenSource();
        var begun = (State: new ModelDownload(hubName, name, Progress: null, Problem: null), Stop: stop);
        if (_all.TryGetValue(name, out var earlier) && earlier.State.Problem is not null)
            _all.TryRemove(name, out _);
        if (!_all.TryAdd(name, begun))
            throw new ConflictException($"'{name}' is just being fetched.");
        _ = Task.Run(() => FetchAsync(caller, projectId, begun.State, stop.Token), CancellationToken.None);
    }

    /// <summary>Ends a download; what has arrived stays for another try.</summary>
    public async Task StopAsync(Caller caller, Guid projectId, string name, CancellationToken ct)
    {
        await library.EnsureMayManageAsync(caller, projectId, ct);
        if (_all.TryRemove(name, out var entry))
            await entry.Stop.CancelAsync();
    }

    public void Dispose()
    {
        foreach (var (_, stop) in _all.Values)
            stop.Cancel();
        _http.Dispose();
    }

    private async Task FetchAsync(Caller caller, Guid projectId, ModelDownload state, CancellationToken ct)
    {
        try
        {
            var partial = Directory.CreateDirectory(Path.Combine(data.Models, PartialFolder, state.HubName.Replace('/', '-'))).FullName;
            var progress = new Progress<HubProgress>(now => Update(state with { Progress = now }));
            await new HubModel(_http, options.Value).FetchAsync(state.HubName, partial, progress, ct);
            await library.AddAsync(caller, projectId, state.Name, folder => CopyAsync(partial, folder), ct);
            Directory.Delete(partial, recursive: true);
            _all.TryRemove(state.Name, out _);
        }
        catch (OperationCanceledException)
        {
            _all.TryRemove(state.Name, out _);
        }
        catch (Exception ex) when (ex is DataProblemException or RuleViolationException or JobFailedException or HttpRequestException or IOException or ForbiddenException or NotFoundException)
        {
            Update(state with { Problem = ex.Message });
        }
    }

    private void Update(ModelDownload state)
    {
        if (_all.TryGetValue(state.Name, out var entry))
            _all.TryUpdate(state.Name, (state, entry.Stop), entry);
    }

    // Copied, so that what was fetched is still there for another try when the model can't be loaded.
    private static Task CopyAsync(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return Task.CompletedTask;
    }
}
