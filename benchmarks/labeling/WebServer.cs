using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace WebTrainer.Benchmarks.Labeling;

/// <summary>The portal as its own process on a data folder.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromMinutes(2);
    private readonly string _folder;
    private Process? _process;

    private WebServer(string folder, string address) => (_folder, Address) = (folder, address);

    public string Address { get; }

    public static async Task<WebServer> StartAsync(string folder)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = new WebServer(folder, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        listener.Stop();
        await server.RestartAsync();
        return server;
    }

    public async Task RestartAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "WebTrainer.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The program must lie in the repository.");
        }

        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = root.FullName,
        };
        foreach (
            var argument in (string[])
                [
                    Path.Combine(root.FullName, "src/WebTrainer.Portal/bin/Release/net10.0/WebTrainer.Portal.dll"),
                    "--contentRoot",
                    root.FullName,
                    "--urls",
                    Address,
                ]
        )
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["WEBTRAINER_DATA"] = _folder;
        start.Environment["Logging__LogLevel__Default"] = "Error";
        start.Environment["Portal__SignInTriesPerMinute"] = "10000"; // all people share one address here
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        using var http = new HttpClient();
        for (var clock = Stopwatch.StartNew(); ; )
        {
            try
            {
                if ((await http.GetAsync(Address + "/health")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process.HasExited && clock.Elapsed < s_startTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50)); // not up yet
            }
        }
    }

    public long ResidentBytes()
    {
        _process!.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }
    }
}
