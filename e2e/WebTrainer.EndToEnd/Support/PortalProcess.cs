using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace WebTrainer.EndToEnd.Support;

/// <summary>The real program on a data folder of its own, started and killed as an operator would.</summary>
public sealed partial class PortalProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _dataFolder = Directory.CreateTempSubdirectory("webtrainer-e2e-").FullName;
    private Process? _process;
    private int _port;
    private bool _isMounted;
    private string[] _arguments = [];

    public string Address => $"http://127.0.0.1:{_port}";

    public string DataFolder => _dataFolder;

    /// <summary>What the program printed, for failures.</summary>
    public string Output => string.Join('\n', _output);

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder of real data beside the repository; null where it is absent.</summary>
    public static string? SharedData { get; } = Beside("../shared/data");

    /// <summary>The folder of reference values beside the repository; null where it is absent.</summary>
    public static string? SharedGold { get; } = Beside("../shared/gold");

    public static async Task<PortalProcess> StartAsync(params string[] arguments)
    {
        var portal = new PortalProcess { _port = FreePort(), _arguments = arguments };
        await portal.RestartAsync();
        return portal;
    }

    /// <summary>Starts the program on a file system of a few megabytes.</summary>
    /// <returns>Null where nothing can be mounted.</returns>
    public static async Task<PortalProcess?> TryStartOnSmallDiskAsync(int megabytes)
    {
        var portal = new PortalProcess { _port = FreePort() };
        portal._isMounted = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", portal._dataFolder);
        if (!portal._isMounted)
        {
            Directory.Delete(portal._dataFolder);
            return null;
        }

        await portal.RestartAsync();
        return portal;
    }

    /// <summary>Starts the program again on the same data and address, with the same arguments.</summary>
    public async Task RestartAsync()
    {
        _output.Clear();
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RepositoryRoot,
        };
        foreach (
            var argument in (string[])
                [
                    Path.Combine(RepositoryRoot, "src/WebTrainer.Portal/bin/Release/net10.0/WebTrainer.Portal.dll"),
                    "--contentRoot",
                    RepositoryRoot,
                    "--urls",
                    Address,
                    .. _arguments,
                ]
        )
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["WEBTRAINER_DATA"] = _dataFolder;
        start.Environment["LC_ALL"] = "de_DE.UTF-8"; // the server's language changes nothing of what is shown or handed out
        start.Environment["Portal__SignInTriesPerMinute"] = "1000";
        start.Environment["Portal__FetchEncoder"] = "false"; // tests need no registry
        // Several workers and browsers share the cores: threads of Torch that wait for each other must not spin meanwhile.
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";
        start.Environment["Jobs__PassEnvironment__0"] = "OMP_WAIT_POLICY";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var http = new HttpClient();
        await Eventually.IsTrueAsync(() => IsUpAsync(http), Patience.Server, () => "The portal did not start:\n" + Output);
    }

    /// <summary>The set-up link of a portal without accounts.</summary>
    public async Task<string> SetupLinkAsync()
    {
        await Eventually.IsTrueAsync(
            () => Task.FromResult(SetupLink().IsMatch(Output)),
            Patience.Server,
            () => "No set-up link was printed:\n" + Output
        );
        return SetupLink().Match(Output).Value;
    }

    /// <summary>Memory that the program holds now.</summary>
    public long ResidentBytes()
    {
        _process!.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>As an operator stops it: by a signal that it may answer (SIGTERM).</summary>
    public async Task StopAsync()
    {
        using var stop = Process.Start("kill", [_process!.Id.ToString()]);
        await stop.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    /// <summary><c>kill -9</c>: no goodbye.</summary>
    public async Task KillAsync()
    {
        using var kill = Process.Start("kill", ["-9", _process!.Id.ToString()]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        var logs = Directory.CreateDirectory(Path.Combine(RepositoryRoot, "artifacts/logs"));
        await File.WriteAllTextAsync(Path.Combine(logs.FullName, $"portal-{_port}.log"), Output);
        foreach (var worker in Workers())
        {
            Process.GetProcessById(worker).Kill();
        }

        if (_isMounted)
        {
            await RunAsync("umount", _dataFolder);
        }

        Directory.Delete(_dataFolder, recursive: true);
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }
        )!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    /// <summary>Process ids of workers on this portal's run folders.</summary>
    public IReadOnlyList<int> Workers() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(Path.GetFileName)
                .Where(name => int.TryParse(name, out _))
                .Where(pid =>
                    CommandLine(pid!).Contains(_dataFolder, StringComparison.Ordinal)
                    && CommandLine(pid!).Contains("WebTrainer.Worker", StringComparison.Ordinal)
                )
                .Select(pid => int.Parse(pid!)),
        ];

    private static string CommandLine(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return ""; // it ended in the meantime
        }
    }

    private async Task<bool> IsUpAsync(HttpClient http)
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException("The portal ended at its start:\n" + Output);
        }

        try
        {
            return (await http.GetAsync(Address + "/health")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Beside(string folder) =>
        Path.GetFullPath(Path.Combine(RepositoryRoot, folder)) is var path && Directory.Exists(path) ? path : null;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WebTrainer.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must lie in the repository.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"http://\S+/account/setup/\S+", RegexOptions.None, 1000)]
    private static partial Regex SetupLink();
}
