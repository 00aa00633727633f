using System.Text.Json;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>Files in a folder of this server; each sync adds those that are new or changed.</summary>
public sealed class FolderConnector(SafeHttp http, ConnectorOptions options) : IConnector
{
    private const int MaxFiles = 10_000;

    /// <inheritdoc/>
    public string? Fault(SourceSettings settings)
    {
        try
        {
            _ = ServerPaths.Resolve(options, settings.Path);
            return string.IsNullOrWhiteSpace(settings.Pattern) || settings.Pattern.Contains('/', StringComparison.Ordinal)
                ? "Write which names count, as *.jsonl."
                : null;
        }
        catch (DataProblemException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken) =>
        Task.FromResult($"The folder holds {Files(settings).Count:N0} files that count.");

    /// <inheritdoc/>
    /// <remarks>State: length and time of last change of each file. The folder's own folders aren't read.</remarks>
    public async Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var seen = state is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(state)!;
        var fetched = new List<FetchedFile>();
        foreach (var file in Files(settings))
        {
            var mark = $"{file.Length} {file.LastWriteTimeUtc.Ticks}";
            if (seen.GetValueOrDefault(file.Name) == mark)
            {
                continue;
            }
            // A copy, because what is read must not change while it is read.
            var copy = Path.Combine(folder, $"{fetched.Count}");
            await using (var stream = file.OpenRead())
            {
                await http.CopyAsync(stream, copy, file.Length, progress, cancellationToken);
            }

            fetched.Add(new FetchedFile(copy, file.Name));
            seen[file.Name] = mark;
        }

        return new Fetched(fetched, JsonSerializer.Serialize(seen), Adds: true);
    }

    private List<FileInfo> Files(SourceSettings settings)
    {
        if (Fault(settings) is { } fault)
        {
            throw new DataProblemException(fault);
        }

        var root = ServerPaths.Resolve(options, settings.Path);
        var files = new DirectoryInfo(root)
            .EnumerateFiles(settings.Pattern)
            .Where(f => f.LinkTarget is null)
            .Take(MaxFiles + 1)
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .ToList();
        return files.Count <= MaxFiles ? files : throw new DataProblemException($"The folder holds more than {MaxFiles:N0} files.");
    }
}
