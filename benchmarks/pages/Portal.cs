using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace WebTrainer.Benchmarks.Pages;

/// <summary>The portal of a checkout as its own process, on a data folder of its own that ends with it.</summary>
internal sealed partial class Portal : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _data = Directory.CreateTempSubdirectory("webtrainer-pages-").FullName;
    private readonly Process _process;

    private Portal(string checkout)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        }

        _process = Process.Start(StartInfo(checkout))!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Address { get; }

    private string Output => string.Join('\n', _output);

    /// <exception cref="InvalidOperationException">It did not start.</exception>
    public static async Task<Portal> StartAsync(string checkout)
    {
        var portal = new Portal(checkout);
        using var http = new HttpClient();
        for (var clock = Stopwatch.StartNew(); !await IsUpAsync(http, portal.Address); await Task.Delay(s_look))
        {
            if (portal._process.HasExited || clock.Elapsed > s_startTimeout)
            {
                throw new InvalidOperationException($"The portal of {checkout} did not start:\n{portal.Output}");
            }
        }

        return portal;
    }

    /// <summary>Processor time that the program has taken, of all its threads; without its workers.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The link by which the first account is made.</summary>
    public async Task<string> SetUpLinkAsync()
    {
        while (!SetUpLink().IsMatch(Output))
        {
            await Task.Delay(s_look);
        }

        return SetUpLink().Match(Output).Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private ProcessStartInfo StartInfo(string checkout)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = checkout,
        };
        var program = Path.Combine(checkout, "src/WebTrainer.Portal/bin/Release/net10.0/WebTrainer.Portal.dll");
        foreach (var argument in (string[])[program, "--contentRoot", checkout, "--urls", Address])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["WEBTRAINER_DATA"] = _data;
        start.Environment["Portal__FetchEncoder"] = "false"; // the same models everywhere
        return start;
    }

    private static async Task<bool> IsUpAsync(HttpClient http, string address)
    {
        try
        {
            using var answer = await http.GetAsync(address + "/health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not up yet
        }
    }

    [GeneratedRegex(@"http://\S+/account/setup/\S+", RegexOptions.None, 1000)]
    private static partial Regex SetUpLink();
}
