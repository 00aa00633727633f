using System.Diagnostics;

namespace WebTrainer.EndToEnd.Support;

/// <summary>A folder with packages of npm in stated versions, in which scripts run by Node.</summary>
public sealed class NodeFolder : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-node-").FullName;

    private NodeFolder() { }

    /// <summary>Skips the test, in words, where there is no Node or its packages can't be fetched.</summary>
    /// <param name="packages">As <c>name@version</c>.</param>
    public static async Task<NodeFolder> WithAsync(params string[] packages)
    {
        var folder = new NodeFolder();
        await File.WriteAllTextAsync(Path.Combine(folder._folder, "package.json"), """{ "private": true, "type": "module" }""");
        try
        {
            var (exit, said) = await folder.RunAsync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", .. packages]);
            Assert.SkipWhen(exit != 0, "The packages could not be fetched: " + said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Node and npm are not installed here.");
        }

        return folder;
    }

    public async Task<string> WriteAsync(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, content);
        return path;
    }

    /// <returns>Exit status, and all that was said.</returns>
    public async Task<(int Exit, string Said)> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(s_patience);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
