using System.Globalization;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.FakeWorker;

/// <summary>
/// Counts steps. Seed is the milliseconds of a step. The base model's name says how it behaves: <c>torn</c> writes lines in halves,
/// <c>failing</c> explains itself and fails, <c>exiting</c> ends with code 3, <c>deaf</c> obeys nobody, <c>lingering</c> does not
/// exit after its last event, <c>environment</c> lists its variables' names, and the values of <c>LD_LIBRARY_PATH</c> and
/// <c>TRACEPARENT</c>.
/// </summary>
internal sealed class FakeTraining(RunFolder folder, TrainSpec spec)
{
    private readonly int _steps = spec.Training.MaxSteps ?? 10;
    private int _controlsRead;
    private bool _paused;

    public int Run()
    {
        using var log = new EventLog(folder);
        log.State(WorkerState.Starting);
        if (spec.BaseModel == "environment")
        {
            log.Write(
                new LogEvent(
                    "info",
                    string.Join(
                        ' ',
                        Environment
                            .GetEnvironmentVariables()
                            .Keys.Cast<string>()
                            .Order()
                            .Select(name =>
                                name is "LD_LIBRARY_PATH" or "TRACEPARENT" ? $"{name}={Environment.GetEnvironmentVariable(name)}" : name
                            )
                    )
                )
            );
        }

        log.Write(new LogEvent("info", $"Runs on {Environment.GetEnvironmentVariable(DeviceName.Variable)}"));
        var step = LastCheckpoint();
        log.State(WorkerState.Running);
        while (step < _steps)
        {
            if (Obey(log, step) is { } ended)
            {
                log.State(ended);
                return 0;
            }

            if (_paused)
            {
                Thread.Sleep(10);
                continue;
            }

            Thread.Sleep((int)spec.Seed);
            TakeStep(log, ++step);
            if (step == _steps / 2 && spec.BaseModel == "failing")
            {
                return Fail(log);
            }

            if (step == _steps / 2 && spec.BaseModel == "exiting")
            {
                return Exit();
            }
        }

        log.State(WorkerState.Completed);
        if (spec.BaseModel == "lingering")
        {
            Thread.Sleep(Timeout.Infinite);
        }

        return 0;
    }

    private void TakeStep(EventLog log, int step)
    {
        var entry = new StepEvent(step, _steps, step / (double)_steps, 1.0 / step, 1e-3, double.NaN, step * 10, 100, 1000, _steps - step);
        if (spec.BaseModel == "torn")
        {
            log.WriteTorn(entry);
        }
        else
        {
            log.Write(entry);
        }

        if (step % spec.Training.CheckpointEverySteps == 0)
        {
            Checkpoint(log, step);
        }
    }

    private void Checkpoint(EventLog log, int step)
    {
        Directory.CreateDirectory(folder.Checkpoints);
        AtomicFile.WriteAllText(Path.Combine(folder.Checkpoints, "last"), step.ToString(CultureInfo.InvariantCulture));
        log.Write(new CheckpointEvent(step, "checkpoints/last"));
    }

    private int LastCheckpoint()
    {
        var path = Path.Combine(folder.Checkpoints, "last");
        return File.Exists(path) ? int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) : 0;
    }

    private WorkerState? Obey(EventLog log, int step)
    {
        if (spec.BaseModel == "deaf" || !File.Exists(folder.Control))
        {
            return null;
        }

        foreach (var line in File.ReadAllLines(folder.Control).Skip(_controlsRead))
        {
            _controlsRead++;
            switch (JsonSerializer.Deserialize<ControlMessage>(line, ProtocolJson.Line)!.Action)
            {
                case ControlAction.Pause:
                    _paused = true;
                    log.State(WorkerState.Paused);
                    break;
                case ControlAction.Resume:
                    _paused = false;
                    log.State(WorkerState.Running);
                    break;
                case ControlAction.StopAndSave:
                    Checkpoint(log, step);
                    return WorkerState.Stopped;
                case ControlAction.Yield:
                    Checkpoint(log, step);
                    return WorkerState.Yielded;
                default:
                    return WorkerState.Stopped;
            }
        }

        return null;
    }

    private static int Fail(EventLog log)
    {
        log.Write(new FailureEvent("The loss is no number any more.", "Try a smaller learning rate."));
        log.State(WorkerState.Failed);
        return 1;
    }

    private static int Exit()
    {
        Console.Error.WriteLine("libtorch is missing");
        return 3;
    }
}
