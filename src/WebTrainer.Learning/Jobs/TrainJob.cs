using System.Diagnostics;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>Trains an adapter or all weights: steps, validations, checkpoints, and the requests of whoever watches.</summary>
public sealed class TrainJob(RunContext context)
{
    private readonly TrainingSettings _settings = context.Spec.Training;

    /// <returns>Completed, or Stopped when that was asked for.</returns>
    public WorkerState Run(CancellationToken cancellation)
    {
        var setup = TrainingSetup.Create(context.Spec, cancellation);
        var store = new CheckpointStore(context.Folder.Checkpoints);
        var fingerprint = setup.Fingerprint(context.Spec);
        var state = store.RestoreLast(setup.Trainer, fingerprint) ?? new TrainingState(0, 0, 0, 0, fingerprint);
        var validator = new Validator(context, setup);
        setup.Trainer.PassesShrank += rows => context.Events.Write(new LogEvent("warning",
            $"Memory ran out: forward passes have {rows} rows from now on, and more of them make a step. The result is that of the same batch."));
        var reporter = new StepReporter(context.Events, setup.Source.TotalSteps);
        var requests = new ControlledPause(context);
        context.Events.Write(new StateEvent(WorkerState.Running, state.Step > 0 ? $"Goes on after step {state.Step}." : null));
        while (!IsOver(setup, state))
        {
            cancellation.ThrowIfCancellationRequested();
            if (requests.WaitOrStop(cancellation) is { } stop)
            {
                return Stop(stop, setup, store, state);
            }

            state = Step(setup, state, reporter);
            var validates = state.Step == setup.Source.TotalSteps || state.Step % ValidationInterval(setup) == 0;
            if (validates && validator.Run(state.Step, cancellation) is { } loss)
            {
                state = KeepBest(setup, state.After(loss));
            }

            if (IsOver(setup, state) || (_settings.CheckpointEverySteps > 0 ? state.Step % _settings.CheckpointEverySteps == 0 : validates))
            {
                SaveCheckpoint(setup, store, state);
            }
        }

        return Finish(setup, state);
    }

    private bool IsOver(TrainingSetup setup, TrainingState state) =>
        state.Step >= setup.Source.TotalSteps || (_settings.Patience > 0 && state.WithoutGain >= _settings.Patience);

    /// <summary>Where the run may end early, what is best so far is kept as its output.</summary>
    private TrainingState KeepBest(TrainingSetup setup, TrainingState state)
    {
        if (_settings.Patience > 0 && state.WithoutGain == 0)
        {
            SaveOutput(setup);
        }

        return state;
    }

    private WorkerState Finish(TrainingSetup setup, TrainingState state)
    {
        if (_settings.Patience == 0 || state.WithoutGain == 0)
        {
            SaveOutput(setup);
            return WorkerState.Completed;
        }

        context.Events.Write(new LogEvent("info", $"The validation loss was lowest {state.WithoutGain} validations before step {state.Step}; the weights of then are kept."));
        return WorkerState.Completed;
    }

    private TrainingState Step(TrainingSetup setup, TrainingState state, StepReporter reporter)
    {
        var step = state.Step + 1;
        var watch = Stopwatch.StartNew();
        var rate = LearningRate.At(_settings, step, setup.Source.TotalSteps);
        var result = setup.Trainer.Step(step, setup.Source.BatchesOf(step), rate);
        var next = state with
        {
            Step = step,
            Updates = setup.Trainer.Optimizer.Updates,
            Tokens = state.Tokens + result.Tokens,
            Seconds = state.Seconds + watch.Elapsed.TotalSeconds,
        };
        reporter.Report(next, result, rate, setup.Source.EpochAfter(step), watch.Elapsed);
        return next;
    }

    private int ValidationInterval(TrainingSetup setup) =>
        _settings.ValidateEverySteps > 0 ? _settings.ValidateEverySteps : setup.Source.StepsPerEpoch;

    private WorkerState Stop(ControlAction action, TrainingSetup setup, CheckpointStore store, TrainingState state)
    {
        if (action == ControlAction.StopAndSave)
        {
            SaveCheckpoint(setup, store, state);
            SaveOutput(setup);
        }

        return WorkerState.Stopped;
    }

    private void SaveCheckpoint(TrainingSetup setup, CheckpointStore store, TrainingState state)
    {
        var folder = store.Save(setup.Trainer, state);
        context.Events.Write(new CheckpointEvent(state.Step, Path.GetRelativePath(context.Folder.Root, folder)));
    }

    /// <summary>The adapter in PEFT form, or the whole model in the same place when all weights learned.</summary>
    private void SaveOutput(TrainingSetup setup)
    {
        if (setup.Adapter is { } adapter)
        {
            PeftFolder.Save(context.Folder.Adapter, adapter, Path.GetFileName(Path.TrimEndingDirectorySeparator(context.Spec.BaseModel)));
            return;
        }

        ModelStore.SaveTuned(context.Folder.Adapter, context.Spec.BaseModel, setup.Model.Parameters, ScalarType.BFloat16);
    }
}
