using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>How far a download is.</summary>
public sealed record HubProgress(string File, long Done, long Total);

/// <summary>
/// Fetches a model or an adapter of the Hugging Face hub: the files that its folder consists of, checked by the hub's own hashes. What has
/// arrived
/// stays in the folder when it breaks off, and is gone on with.
/// </summary>
public sealed partial class HubModel(SafeHttp http, ConnectorOptions options)
{
    private const int MaxFiles = 1000;
    private const string Partial = ".part";
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Whether this can be the name of a model on the hub, <c>owner/name</c>.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <exception cref="DataProblemException">The hub can't be reached or has no such model.</exception>
    /// <exception cref="RuleViolationException">It is nothing that can be read here, or arrived otherwise than the hub says.</exception>
    public async Task FetchAsync(
        string name,
        string folder,
        FolderKind kind,
        IProgress<HubProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var files = await ListAsync(name, kind, cancellationToken);
        var total = files.Sum(file => file.Size);
        if (total > ModelArchive.MaxBytes || total > new DriveInfo(folder).AvailableFreeSpace)
        {
            throw new RuleViolationException($"The {kind.Word} has {total / 1e9:0.0} GB; there is no room for it on this server.");
        }

        long before = 0;
        foreach (var file in files)
        {
            await FetchAsync(
                name,
                file,
                folder,
                done => progress?.Report(new HubProgress(file.Path, before + done, total)),
                cancellationToken
            );
            before += file.Size;
        }
    }

    private async Task<List<HubFile>> ListAsync(string name, FolderKind kind, CancellationToken cancellationToken)
    {
        if (!IsName(name))
        {
            throw new RuleViolationException($"Write the {kind.Word}'s name as owner/name, as the hub shows it.");
        }

        var files = await ListAsync(name, "", cancellationToken);
        if (kind.IsWanted(SentenceFiles.Pooling) && files.Exists(file => file is { Type: "directory", Path: SentenceFiles.PoolingFolder }))
        {
            files.AddRange(await ListAsync(name, "/" + SentenceFiles.PoolingFolder, cancellationToken));
        }

        var wanted = files.Where(file => file.Type == "file" && kind.IsWanted(file.Path)).Take(MaxFiles).ToList();
        if (!wanted.Exists(file => file.Path == kind.Mark) || !wanted.Exists(file => kind.IsWeights(file.Path)))
        {
            throw new RuleViolationException(
                kind.OtherOf(files.Select(file => file.Path)) is { } other
                    ? $"{name} is of another kind (it has {other.Mark}): fetch it as {(other == FolderKind.Adapter ? "an adapter" : "a base model")}."
                    : $"{name} has no {kind.Mark} with {kind.WeightsInWords}; only such {kind.Word}s are read here."
            );
        }

        return wanted;
    }

    private async Task<List<HubFile>> ListAsync(string name, string below, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(
            SafeHttp.Parse($"{Hub}/api/models/{name}/tree/main{below}"),
            authorization: "",
            etag: null,
            cancellationToken
        );
        try
        {
            return await response.Content.ReadFromJsonAsync<List<HubFile>>(cancellationToken) ?? [];
        }
        catch (JsonException ex)
        {
            throw new DataProblemException("The hub's answer can't be read.", cause: ex);
        }
    }

    private async Task FetchAsync(string name, HubFile file, string folder, Action<long> report, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, file.Path); // one of the known places
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (File.Exists(path))
        {
            report(file.Size);
            return;
        }

        await DownloadAsync(name, file, path + Partial, report, cancellationToken);
        if (await IsWrongAsync(path + Partial, file, cancellationToken))
        {
            File.Delete(path + Partial);
            throw new RuleViolationException($"{file.Path} did not arrive as the hub has it: its checksum differs. Try again.");
        }

        File.Move(path + Partial, path);
    }

    private async Task DownloadAsync(string name, HubFile file, string path, Action<long> report, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        target.Position = Math.Min(target.Length, file.Size);
        if (target.Position == file.Size)
        {
            return;
        }

        using var response = await http.GetAsync(
            SafeHttp.Parse($"{Hub}/{name}/resolve/main/{file.Path}"),
            authorization: "",
            etag: null,
            cancellationToken,
            from: target.Position
        );
        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            target.SetLength(0); // it sends the whole again
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var (buffer, reported) = (new byte[1 << 20], DateTime.MinValue);
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if (target.Position + read > file.Size)
            {
                throw new RuleViolationException($"The hub sends more of {file.Path} than it announced; it was not taken.");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            if (DateTime.UtcNow - reported > s_reportInterval)
            {
                report(target.Position);
                reported = DateTime.UtcNow;
            }
        }
    }

    /// <summary>Large files are known by their SHA-256, small ones by git's hash of a blob.</summary>
    private static async Task<bool> IsWrongAsync(string path, HubFile file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        if (file.Lfs is { } lfs)
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) != lfs.Oid;
        }

        if (stream.Length != file.Size)
        {
            return true;
        }

        var content = new byte[stream.Length];
        await stream.ReadExactlyAsync(content, cancellationToken);
#pragma warning disable CA5350 // git's own hash, against transfer faults; what comes over TLS is trusted as far as the hub is
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content])) != file.Oid;
#pragma warning restore CA5350
    }

    private string Hub => options.HuggingFaceAddress.TrimEnd('/');

    /// <summary>A file as the hub's API lists it.</summary>
    private sealed record HubFile(
        [property: JsonPropertyName("type")] string Type,
        [property: JsonPropertyName("path")] string Path,
        [property: JsonPropertyName("size")] long Size,
        [property: JsonPropertyName("oid")] string Oid,
        [property: JsonPropertyName("lfs")] HubLfs? Lfs
    );

    private sealed record HubLfs([property: JsonPropertyName("oid")] string Oid);

    [GeneratedRegex(
        "^[A-Za-z0-9][A-Za-z0-9_.-]{0,95}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,95})?$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Name();
}
