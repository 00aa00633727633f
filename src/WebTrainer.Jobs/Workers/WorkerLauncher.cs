using System.Diagnostics;
using Microsoft.Extensions.Options;
using WebTrainer.Jobs.Watching;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Workers;

/// <summary>Starts workers with a bare environment and their output in the run folder.</summary>
internal sealed class WorkerLauncher(IOptions<JobsOptions> options)
{
    public const string RunVerb = "run";

    // The log is $0 and the command is "$@": nothing is ever put into the script's text. Each step replaces the one before
    // (exec), so the process id is the worker's own. The log belongs to the worker, not to a pipe that breaks with the portal.
    private const string AsChild = """exec "$@" </dev/null >>"$0" 2>&1""";
    private const string InOwnSession = """exec setsid "$@" </dev/null >>"$0" 2>&1""";

    private const string LibraryPath = "LD_LIBRARY_PATH";

    private static readonly string[] s_environment = ["PATH", "HOME", "DOTNET_ROOT", LibraryPath, "LANG"];

    /// <summary>Starts a worker in a session of its own: it lives on when the portal is stopped or killed.</summary>
    /// <param name="device">The one it was given, <c>cpu</c> or <c>cuda:N</c>.</param>
    public ChildWorker StartDetached(RunFolder folder, string device) => Start(InOwnSession, folder, device, JobTraces.VariablesOf(folder));

    /// <summary>Starts a worker that the caller ends.</summary>
    /// <param name="device">The one it was given, <c>cpu</c> or <c>cuda:N</c>.</param>
    public ChildWorker StartChild(RunFolder folder, string device, params IEnumerable<KeyValuePair<string, string>> variables) =>
        Start(AsChild, folder, device, variables);

    private ChildWorker Start(string script, RunFolder folder, string device, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var argument in (string[])["-c", script, folder.WorkerLog, .. WorkerCommand(), RunVerb, folder.Root])
        {
            start.ArgumentList.Add(argument);
        }

        SetEnvironment(start.Environment, variables.Append(new(DeviceName.Variable, device)));
        return new ChildWorker(Process.Start(start) ?? throw new InvalidOperationException("The worker was not started."));
    }

    private string[] WorkerCommand()
    {
        var path = Path.GetFullPath(options.Value.WorkerPath);
        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? ["dotnet", path] : [path];
    }

    private void SetEnvironment(IDictionary<string, string?> environment, IEnumerable<KeyValuePair<string, string>> variables)
    {
        environment.Clear();
        foreach (var name in s_environment.Concat(options.Value.PassEnvironment))
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        if (options.Value.WorkerLibraries is { Length: > 0 } libraries)
        {
            environment[LibraryPath] = environment.TryGetValue(LibraryPath, out var inherited) ? $"{libraries}:{inherited}" : libraries;
        }

        // Large tensors are kept by the allocator instead of going back to the kernel at each step: a third faster.
        environment["MALLOC_MMAP_MAX_"] = "0";
        environment["MALLOC_TRIM_THRESHOLD_"] = "34359738368";
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }
    }
}
