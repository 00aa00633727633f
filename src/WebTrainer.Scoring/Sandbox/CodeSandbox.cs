using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Scoring.Sandbox;

/// <summary>How a program ended.</summary>
/// <param name="Passed">It ran to its very end without an error.</param>
/// <param name="Output">The first <see cref="CodeSandbox.MaxOutputCharacters"/> of what it wrote, errors too.</param>
public sealed record SandboxResult(bool Passed, string Output);

/// <summary>
/// Runs Python that a model wrote, in bubblewrap: no network, no file system but <c>/usr</c> (read-only) and a small <c>/tmp</c>, no
/// capabilities, no further namespaces; limits on time, file size, processes, and on the memory of each and of all together. The program
/// comes by standard input, so that nothing need be written.
/// </summary>
/// <param name="cpuSeconds">Time of the processor that a program may use.</param>
/// <param name="wallSeconds">Time on the clock that it may take.</param>
public sealed class CodeSandbox(int cpuSeconds = 5, int wallSeconds = 10)
{
    /// <summary>Characters of a program's output that a result keeps, from its beginning on.</summary>
    public const int MaxOutputCharacters = 8192;
    private const int MaxProcesses = 64,
        MaxFiles = 64;
    private const long MaxMemoryBytes = 1L << 30,
        MaxFileBytes = 16L << 20,
        TemporaryBytes = 64L << 20;
    private const string Python = "/usr/bin/python3";
    private static readonly string s_memoryRefusal =
        $"The program and its processes took more than {MaxMemoryBytes >> 20} MB of memory together and were ended.";

    /// <summary>The user that a program sees itself as.</summary>
    private const string Nobody = "65534";

    /// <summary>
    /// Where this process is root, each program runs as a user of its own, since limits on processes don't bind root and count all
    /// processes of a user: a program that forks without end must not fail the one beside it. Else they run one after the other. The range
    /// is the one that Linux distributions leave to users without a name.
    /// </summary>
    private const int FirstUser = 61_184,
        Users = 4_000;
    private static readonly SemaphoreSlim s_alone = new(1);
    private static int s_lastUser;

    /// <summary>Commands that the sandbox is made of.</summary>
    private static readonly string[] s_needed = ["bwrap", "prlimit", "timeout", "setpriv"];

    /// <returns>Null where programs can be run here; else why not, in a sentence.</returns>
    public static async Task<string?> WhyUnavailableAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Generated code is only run in a sandbox, and the sandbox needs Linux.";
        }

        if (s_needed.FirstOrDefault(command => Find(command) is null) is { } missing)
        {
            return $"Generated code is only run in a sandbox, and '{missing}' is not installed on this machine. Install the package {(missing == "bwrap" ? "bubblewrap" : "util-linux")}.";
        }

        if (!File.Exists(Python))
        {
            return $"Generated code is run by {Python}, which this machine does not have. Install the package python3.";
        }

        var probe = await new CodeSandbox().RunAsync("pass", cancellationToken);
        return probe.Passed ? null : $"Generated code is only run in a sandbox, and the sandbox does not start here: {probe.Output.Trim()}";
    }

    /// <summary>Runs a program to its end or to a limit.</summary>
    public async Task<SandboxResult> RunAsync(string program, CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess)
        {
            return await RunAsync(program, FirstUser + (int)((uint)Interlocked.Increment(ref s_lastUser) % Users), cancellationToken);
        }

        await s_alone.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(program, user: null, cancellationToken);
        }
        finally
        {
            s_alone.Release();
        }
    }

    private async Task<SandboxResult> RunAsync(string program, int? user, CancellationToken cancellationToken)
    {
        var proof = RandomNumberGenerator.GetHexString(32);
        using var process = Process.Start(StartInfo(user)) ?? throw new InvalidOperationException("The sandbox could not be started.");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = KillAboveLimitAsync(process, ended.Token);
        try
        {
            var output = ReadAsync(process.StandardOutput, cancellationToken);
            var errors = ReadAsync(process.StandardError, cancellationToken);
            await WriteAsync(process, $"{program}\nprint({'"'}{proof}{'"'}, flush=True)\n", cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            var (said, wrong) = (await output, await errors);
            await ended.CancelAsync();
            if (await watching)
            {
                return new(Passed: false, said.Start.Replace(proof, "", StringComparison.Ordinal) + s_memoryRefusal);
            }
            // An exit code alone proves nothing: a program may leave before its tests are done.
            return new(
                process.ExitCode == 0 && said.End.TrimEnd().EndsWith(proof, StringComparison.Ordinal),
                said.Start.Replace(proof, "", StringComparison.Ordinal) + wrong.Start
            );
        }
        finally
        {
            await ended.CancelAsync();
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <returns>Whether the program with all its processes had more memory than it may, and was ended for it.</returns>
    private static async Task<bool> KillAboveLimitAsync(Process process, CancellationToken ended)
    {
        if (!await GroupMemory.ExceedsAsync(process.Id, MaxMemoryBytes, ended))
        {
            return false;
        }

        process.Kill(entireProcessTree: true);
        return true;
    }

    private static async Task WriteAsync(Process process, string program, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(program.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit says why.
        }
    }

    /// <summary>Reads all that is written, so that nobody waits on a full pipe, and keeps beginning and end.</summary>
    private static async Task<(string Start, string End)> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var (start, end) = (new StringBuilder(), "");
        var buffer = new char[MaxOutputCharacters];
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            start.Append(buffer, 0, Math.Min(read, MaxOutputCharacters - start.Length));
            end = (end + new string(buffer, 0, read)) is { Length: > MaxOutputCharacters } all
                ? all[^MaxOutputCharacters..]
                : end + new string(buffer, 0, read);
        }

        return (start.ToString(), end);
    }

    private ProcessStartInfo StartInfo(int? user)
    {
        var start = new ProcessStartInfo(Find("timeout")!)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        foreach (var argument in Arguments(user))
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <param name="user">Number of the user to run as; null for this process's own.</param>
    private IEnumerable<string> Arguments(int? user)
    {
        string[] asUser = user is { } number
            ? [Find("setpriv")!, "--reuid", Text(number), "--regid", Text(number), "--clear-groups", "--"]
            : [];
        return
        [
            "-k",
            "1",
            Text(wallSeconds),
            Find("prlimit")!,
            $"--cpu={cpuSeconds}",
            $"--as={MaxMemoryBytes}",
            $"--fsize={MaxFileBytes}",
            $"--nproc={MaxProcesses + ProcessesOf(user)}",
            $"--nofile={MaxFiles}",
            "--core=0",
            "--",
            .. asUser,
            Find("bwrap")!,
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
            "--clearenv",
            "--cap-drop",
            "ALL",
            "--setenv",
            "PATH",
            "/usr/bin",
            "--setenv",
            "HOME",
            "/tmp",
            "--setenv",
            "PYTHONDONTWRITEBYTECODE",
            "1",
            "--hostname",
            "sandbox",
            "--ro-bind",
            "/usr",
            "/usr",
            "--symlink",
            "usr/bin",
            "/bin",
            "--symlink",
            "usr/lib",
            "/lib",
            "--symlink",
            "usr/lib64",
            "/lib64",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--size",
            Text(TemporaryBytes),
            "--tmpfs",
            "/tmp",
            "--chdir",
            "/tmp",
            "--uid",
            Nobody,
            "--gid",
            Nobody,
            Python,
            "-I",
            "-",
        ];
    }

    /// <summary>Tasks of the user that programs run as: the limit counts them too.</summary>
    private static int ProcessesOf(int? number)
    {
        var user = number is { } given ? Text(given) : ReadUser("/proc/self/status");
        return Directory
            .EnumerateDirectories("/proc")
            .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .Sum(path =>
            {
                try
                {
                    return string.Equals(ReadUser(Path.Combine(path, "status")), user, StringComparison.Ordinal)
                        ? Directory.GetDirectories(Path.Combine(path, "task")).Length
                        : 0;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    return 0; // it ended while we looked
                }
            });
    }

    private static string? ReadUser(string path) =>
        File.ReadLines(path)
            .FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal))
            ?.Split('\t', StringSplitOptions.RemoveEmptyEntries)[1];

    private static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':')
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(File.Exists);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
