using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning;
using WebTrainer.Learning.Jobs;
using WebTrainer.Protocol;

namespace WebTrainer.Worker;

/// <summary><c>run FOLDER</c>: does what the folder's spec asks, and says in its events what became of it.</summary>
internal static class RunCommand
{
    public const int Done = 0,
        Failed = 1,
        Misused = 2,
        NoTorch = 3,
        LeaseHeld = 4;

    public static int Run(string path, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(Path.GetFullPath(path));
        if (!File.Exists(folder.Spec))
        {
            Console.Error.WriteLine("The run folder has no spec.json.");
            return Misused;
        }

        using var lease = Lease.TryTake(folder.Lease);
        if (lease is null)
        {
            Console.Error.WriteLine("Another worker holds this run's lease (worker.lock); it is still running.");
            return LeaseHeld;
        }

        if (Environment.GetEnvironmentVariable("TRACEPARENT") is { Length: > 0 } trace)
        {
            Console.Error.WriteLine($"Trace {trace}"); // so that its log is found by the trace that asked for it
        }

        var handledUntil = File.Exists(folder.Events) ? LastEventTime(folder.Events) : DateTimeOffset.MinValue;
        using var events = new EventWriter(folder.Events, cancellationToken: cancellationToken);
        events.Write(new StateEvent(WorkerState.Starting) { ProcessId = Environment.ProcessId });
        return Run(folder, events, new ControlReader(folder.Control, handledUntil), cancellationToken);
    }

    private static int Run(RunFolder folder, EventWriter events, ControlReader control, CancellationToken cancellationToken)
    {
        try
        {
            var asked = ReadSpec(folder);
            if (JobKind.Of(asked.GetType()).GivesWay)
            {
                GiveWay();
            }

            if (NativeEnvironment.WhyTorchFails() is { } reason)
            {
                Console.Error.WriteLine(reason);
                return Fail(events, new FailureEvent(reason), NoTorch);
            }

            var spec = JobDevice.Choose(asked, Environment.GetEnvironmentVariable(DeviceName.Variable));
            events.Write(new LogEvent("info", $"Runs on {JobDevice.Words(spec)}."));
            var state = JobFinder.Make(folder, spec, events, control).Run(cancellationToken);
            events.Write(new StateEvent(state));
            return Done;
        }
        catch (Exception exception) when (RootCause.Of(exception) is OperationCanceledException)
        {
            events.Write(new StateEvent(WorkerState.Stopped, "The worker was told to end."));
            return Done;
        }
        catch (Exception exception) // the last stop: whatever ends a run is told to its owner
        {
            Console.Error.WriteLine(exception);
            return Fail(events, FailureText.Describe(exception), Failed);
        }
    }

    /// <summary>Threads begin with the priority of the one that starts them, so this stands before Torch starts its own.</summary>
    private static void GiveWay()
    {
        using var self = Process.GetCurrentProcess();
        self.PriorityClass = ProcessPriorityClass.BelowNormal;
    }

    private static JobSpec ReadSpec(RunFolder folder)
    {
        var spec = JobSpec.Read(File.ReadAllText(folder.Spec));
        return spec.Version == JobSpec.CurrentVersion
            ? spec
            : throw new InvalidDataException($"spec.json has version {spec.Version}; this worker knows version {JobSpec.CurrentVersion}.");
    }

    private static int Fail(EventWriter events, FailureEvent failure, int code)
    {
        try
        {
            events.Write(failure);
            events.Write(new StateEvent(WorkerState.Failed, failure.Cause));
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine($"The failure could not be written to the run folder: {exception.Message}");
        }

        return code;
    }

    private static DateTimeOffset LastEventTime(string path)
    {
        var last = File.ReadLines(path).LastOrDefault(line => line.EndsWith('}'));
        return last is null ? DateTimeOffset.MinValue : JsonDocument.Parse(last).RootElement.GetProperty("time").GetDateTimeOffset();
    }
}
