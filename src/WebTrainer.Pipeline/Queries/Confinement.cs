using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace WebTrainer.Pipeline.Queries;

/// <summary>
/// Starts the program that runs a query: without the portal's environment, with limits on time, memory and files, and in bubblewrap where
/// that is installed and works, without network or any file but the version (read-only) and a folder of its own.
/// </summary>
/// <remarks>Processes are not counted: a query can start none, and the limit would count those of the portal's own user.</remarks>
internal sealed class Confinement(QueryOptions options)
{
    /// <summary>Memory of the runtime, of its stacks and of the library, beside what DuckDB is given.</summary>
    private const int RuntimeMiB = 1_024,
        HeapMiB = 256;
    private const int MaxFiles = 256;
    private const long MiB = 1L << 20;
    private const string Timeout = "/usr/bin/timeout",
        Prlimit = "/usr/bin/prlimit",
        Bubblewrap = "/usr/bin/bwrap";
    private static readonly string[] s_separate = ["--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"];

    /// <summary>Parts of the system that programs are made of; the others are not seen.</summary>
    private static readonly string[] s_system = ["/usr", "/lib", "/lib64", "/bin"];
    private static readonly Lazy<bool> s_hasBubblewrap = new(Probe);
    private static readonly string s_dotnetRoot = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")
    );

    /// <param name="version">The one file that it reads.</param>
    /// <param name="scratch">The one folder that it writes to.</param>
    /// <exception cref="DataProblemException">It can't be confined here.</exception>
    public ProcessStartInfo StartInfo(string version, string scratch)
    {
        CheckTools();
        string[] command =
        [
            .. Limits(),
            .. s_hasBubblewrap.Value ? Box(version, scratch) : [],
            Path.Combine(s_dotnetRoot, "dotnet"),
            Path.GetFullPath(options.ProgramPath),
        ];
        var start = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scratch,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        SetEnvironment(start.Environment, scratch);
        return start;
    }

    /// <exception cref="DataProblemException">The server lacks what limits are made of.</exception>
    private static void CheckTools()
    {
        if (new[] { Timeout, Prlimit }.FirstOrDefault(tool => !File.Exists(tool)) is { } missing)
        {
            throw new DataProblemException(
                $"SQL is only run within limits, and {missing} is not installed on this server. Ask its administrator for the packages coreutils and util-linux."
            );
        }
    }

    // By a program of its own, so that it ends too should the portal itself be killed.
    private string[] Limits() =>
        [
            Timeout,
            "-k",
            "1",
            Text(options.Seconds + 1),
            Prlimit,
            $"--cpu={Text((options.Seconds + 1) * options.Threads)}",
            $"--data={Text((options.MemoryMiB + RuntimeMiB) * MiB)}",
            $"--fsize={Text(options.ScratchMiB * MiB)}",
            $"--nofile={Text(MaxFiles)}",
            "--core=0",
            "--",
        ];

    private string[] Box(string version, string scratch)
    {
        var program = Path.GetDirectoryName(Path.GetFullPath(options.ProgramPath))!;
        return
        [
            Bubblewrap,
            .. s_separate,
            "--die-with-parent",
            "--new-session",
            "--hostname",
            "query",
            .. s_system.Where(Path.Exists).SelectMany(path => (string[])["--ro-bind", path, path]),
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--tmpfs",
            "/tmp",
            "--ro-bind",
            s_dotnetRoot,
            s_dotnetRoot,
            "--ro-bind",
            program,
            program,
            "--ro-bind",
            version,
            version,
            "--bind",
            scratch,
            scratch,
            "--chdir",
            scratch,
            "--",
        ];
    }

    private static void SetEnvironment(IDictionary<string, string?> environment, string scratch)
    {
        environment.Clear();
        environment["HOME"] = environment["TMPDIR"] = scratch;
        environment["DOTNET_GCHeapHardLimit"] = (HeapMiB * MiB).ToString("x", CultureInfo.InvariantCulture);
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
    }

    /// <summary>Some containers forbid what it needs.</summary>
    private static bool Probe()
    {
        if (!File.Exists(Bubblewrap))
        {
            return false;
        }

        using var probe = Process.Start(Bubblewrap, [.. s_separate, "--ro-bind", "/", "/", "--proc", "/proc", "--", "/bin/true"]);
        probe.WaitForExit();
        return probe.ExitCode == 0;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
