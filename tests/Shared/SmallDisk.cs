using System.Diagnostics;

namespace WebTrainer.Tests.Shared;

/// <summary>A file system of a few megabytes, to be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <returns>Null where that is not allowed.</returns>
    public static SmallDisk? TryMount(string path, int megabytes)
    {
        Directory.CreateDirectory(path);
        return OperatingSystem.IsLinux() && Do("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) ? new(path) : null;
    }

    public void Fill(string file, int leaveBytes)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace;
        File.WriteAllBytes(file, new byte[free - leaveBytes]);
    }

    public void Dispose() => Do("umount", Path);

    private static bool Do(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
        )!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
