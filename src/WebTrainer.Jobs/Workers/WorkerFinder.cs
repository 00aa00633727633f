using System.Globalization;
using System.Text;

namespace WebTrainer.Jobs.Workers;

/// <summary>Finds living workers by their command line, which ends in <c>run &lt;folder&gt;</c>.</summary>
internal static class WorkerFinder
{
    /// <summary>The workers of one run folder; more than none means that no other may be started.</summary>
    public static IReadOnlyList<IWorker> Find(string runFolder) => [.. FindWhere(folder => folder == runFolder)];

    /// <summary>The workers of all run folders below a folder.</summary>
    public static IReadOnlyList<IWorker> FindBelow(string parent) =>
        [.. FindWhere(folder => folder.StartsWith(parent + Path.DirectorySeparatorChar, StringComparison.Ordinal))];

    public static bool Serves(int processId, string runFolder) => RunFolderOf(processId) == runFolder;

    private static IEnumerable<IWorker> FindWhere(Func<string, bool> matches) =>
        from entry in Directory.EnumerateDirectories("/proc")
        let processId = int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0
        where processId > 0
        let folder = RunFolderOf(processId)
        where folder is not null && matches(folder)
        select new AdoptedWorker(processId, folder);

    private static string? RunFolderOf(int processId)
    {
        try
        {
            // A zombie's command line is empty, so what has died but was not reaped does not count as alive.
            var arguments = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{processId}/cmdline")).TrimEnd('\0').Split('\0');
            return arguments is [.., WorkerLauncher.RunVerb, var folder] ? folder : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // It ended while we looked, or is another user's.
        }
    }
}
