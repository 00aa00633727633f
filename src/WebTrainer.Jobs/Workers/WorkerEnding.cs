using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Workers;

/// <summary>Says in a sentence how a worker ended that did not say so itself.</summary>
internal static class WorkerEnding
{
    private const int SignalBase = 128;
    private const int Killed = 9;
    private const int LogTailBytes = 4096;
    private const int MaxLineLength = 300;

    public static string Describe(int? exitCode, RunFolder folder) =>
        exitCode switch
        {
            null => "The worker process ended unexpectedly. It was killed from outside, ran out of memory or crashed.",
            SignalBase + Killed => "The worker process ended unexpectedly (signal 9). It was killed from outside or ran out of memory.",
            > SignalBase =>
                $"The worker process ended unexpectedly (signal {exitCode - SignalBase}). It crashed or was ended from outside.",
            _ => $"The worker process ended unexpectedly (exit code {exitCode}).{LastWords(folder)}",
        };

    /// <summary>The last line of the worker's log, for what went wrong before it could write events.</summary>
    private static string LastWords(RunFolder folder)
    {
        if (!File.Exists(folder.WorkerLog))
        {
            return "";
        }

        using var log = new FileStream(folder.WorkerLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = Math.Max(0, log.Length - LogTailBytes);
        using var reader = new StreamReader(log, Encoding.UTF8);
        var line = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is null ? "" : $" Its last words: {line[..Math.Min(line.Length, MaxLineLength)]}";
    }
}
