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
    public RunFolder Create(Guid jobId, JobSpec spec) => Create(jobId, spec.ToText());

    /// <summary>As <see cref="Create(Guid, JobSpec)"/>, with the spec's text to the letter.</summary>
    public RunFolder Create(Guid jobId, string spec)
    {
        var folder = Of(jobId);
        Write(folder, spec);
        return folder;
    }

    /// <summary>A folder for a worker that dies with the portal; the caller deletes it.</summary>
    /// <param name="spec">Gets the folder, in which it may name files.</param>
    internal RunFolder CreateTemporary(Func<RunFolder, JobSpec> spec)
    {
        var folder = new RunFolder(Path.Combine(data.Temporary, "w" + Guid.NewGuid().ToString("N")[..12]));
        Write(folder, spec(folder).ToText());
        return folder;
    }

    /// <exception cref="IOException">There is no spec.</exception>
    /// <exception cref="JsonException">It is none.</exception>
    internal static JobSpec ReadSpec(RunFolder folder) => JobSpec.Read(File.ReadAllText(folder.Spec));

    private static void Write(RunFolder folder, string spec)
    {
        Directory.CreateDirectory(folder.Root, OwnerOnly);
        AtomicFile.WriteAllText(folder.Spec, spec);
    }
}
