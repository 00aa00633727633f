using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Data;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>Makes and finds the folders between portal and workers.</summary>
public sealed class RunFolders(DataFolder data)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public RunFolder Of(Guid jobId) => new(data.RunFolderOf(jobId));

    /// <summary>Writes a job's spec. Call it before the job is committed: the dispatcher may start it at once.</summary>
    /// <exception cref="IOException">The disk is full or the data folder can't be written.</exception>
    public RunFolder Create(Guid jobId, RunSpec spec) => Create(jobId, Text(spec));

    /// <summary>As <see cref="Create(Guid, RunSpec)"/>, with the spec's text to the letter.</summary>
    public RunFolder Create(Guid jobId, string spec)
    {
        var folder = Of(jobId);
        Write(folder, spec);
        return folder;
    }

    /// <summary>A folder for a worker that dies with the portal; the caller deletes it.</summary>
    /// <param name="spec">Gets the folder, in which it may name files.</param>
    internal RunFolder CreateTemporary(Func<RunFolder, RunSpec> spec)
    {
        var folder = new RunFolder(Path.Combine(data.Temporary, "w" + Guid.NewGuid().ToString("N")[..12]));
        Write(folder, Text(spec(folder)));
        return folder;
    }

    /// <exception cref="IOException">There is no spec.</exception>
    /// <exception cref="JsonException">It is none.</exception>
    internal static RunSpec ReadSpec(RunFolder folder)
    {
        using var stream = File.OpenRead(folder.Spec);
        return JsonSerializer.Deserialize<RunSpec>(stream, ProtocolJson.Document) ?? throw new JsonException("The spec is null.");
    }

    /// <summary>Lower-case hex SHA-256 of a spec's text.</summary>
    internal static string Hash(string spec) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)));

    /// <summary>
    /// Whether a job's folder has this spec: the same text, or, where an earlier version of the program wrote it, the same settings.
    /// </summary>
    /// <exception cref="JsonException">One of them is none.</exception>
    internal async Task<bool> HoldsAsync(Guid jobId, string spec, CancellationToken cancellationToken)
    {
        var held = await File.ReadAllTextAsync(Of(jobId).Spec, cancellationToken);
        return held == spec || Anew(held) == Anew(spec);

        static string Anew(string text) =>
            Text(JsonSerializer.Deserialize<RunSpec>(text, ProtocolJson.Document) ?? throw new JsonException("The spec is null."));
    }

    private static string Text(RunSpec spec) => JsonSerializer.Serialize(spec, ProtocolJson.Document);

    private static void Write(RunFolder folder, string spec)
    {
        Directory.CreateDirectory(folder.Root, OwnerOnly);
        AtomicFile.WriteAllText(folder.Spec, spec);
    }
}
