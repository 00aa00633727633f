using System.Diagnostics;
using System.Globalization;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Privacy;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Trains an adapter or all weights: steps, validations, checkpoints, and the requests of whoever watches.</summary>
public sealed class TrainJob(JobContext<TrainSpec> context) : IJob
{
    private readonly TrainingSettings _settings = context.Spec.Training;

    /// <returns>Completed, or Stopped or Yielded when that was asked for.</returns>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        CheckModels();
        var (setup, store) = (SetUp(cancellationToken), new CheckpointStore(context.Folder.Checkpoints));
        var course = setup.Course(context.Spec);
        var state = store.RestoreLast(setup.Trainer, course) ?? new TrainingState(0, 0, 0, 0, course.Values);
        var validator = new Validator(context, setup);
        var reporter = new StepReporter(context.Events, setup.Source.TotalSteps);
        var budget = PrivacyBudget.Of(context, setup, state);
        var requests = new ControlledPause(context.Events, context.Control);
        context.Events.Write(new StateEvent(WorkerState.Running, state.Step > 0 ? $"Goes on after step {state.Step}." : null));
        state = JudgeBeginning(setup, validator, state, cancellationToken);
        while (!IsOver(setup, state, budget))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (requests.WaitOrStop(cancellationToken) is { } stop)
            {
                return Stop(stop, setup, store, state, cancellationToken);
            }

            state = Step(setup, state, reporter);
            state = budget?.After(state) ?? state;
            if (setup.Learner.GuessingLoss is { } guessing && state.Trend is { } trend && Relapse.Is(trend, guessing))
            {
                state = BeginAgain(state, guessing);
                store.Clear();
                setup = SetUp(cancellationToken);
                validator = new Validator(context, setup);
                state = JudgeBeginning(setup, validator, state, cancellationToken);
                SaveCheckpoint(setup, store, state, cancellationToken);
                continue;
            }

            var validates =
                state.Step == setup.Source.TotalSteps || budget?.IsSpent(state) == true || state.Step % ValidationInterval(setup) == 0;
            if (validates && validator.Run(state.Step, cancellationToken) is { } judged)
            {
                state = KeepBest(setup, state.After(judged.Loss), judged.BeatsGuessing, cancellationToken);
            }

            if (
                IsOver(setup, state, budget)
                || (_settings.CheckpointEverySteps > 0 ? state.Step % _settings.CheckpointEverySteps == 0 : validates)
            )
            {
                SaveCheckpoint(setup, store, state, cancellationToken);
            }
        }

        budget?.End(state);
        return Finish(setup, state, cancellationToken);
    }

    /// <summary>Base and teacher are the approved ones, or nothing is trained.</summary>
    /// <exception cref="ModelFileException">They are not.</exception>
    private void CheckModels()
    {
        ModelHash.Check(context.Spec.BaseModel, context.Spec.BaseModelSha256, "the base model");
        if (context.Spec.StartsFrom is { } start)
        {
            ModelHash.Check(start.Path, start.Sha256, $"the adapter that it goes on from ({start.Name}),");
        }

        if (context.Spec.Objective.Teacher is { } teacher)
        {
            ModelHash.Check(teacher, context.Spec.Objective.TeacherSha256, "the teacher");
        }
    }

    private TrainingSetup SetUp(CancellationToken cancellationToken)
    {
        var random = context.Spec.Privacy is { IsOn: true, SecureNoise: true }
            ? PrivateRandom.OfKey(NoiseKey.Of(context.Folder.Checkpoints))
            : null;
        var setup = TrainingSetup.Create(context.Spec, cancellationToken, random);
        setup.Trainer.PassesShrank += rows =>
            context.Events.Write(
                new LogEvent(
                    "warning",
                    $"Memory ran out: forward passes have {rows} rows from now on, and more of them make a step. The result is that of the same batch."
                )
            );
        return setup;
    }

    /// <summary>From the first step, with a gentler rate: what broke can't be mended from where it lies.</summary>
    /// <exception cref="RelapsedException">It broke at each rate that was tried.</exception>
    private TrainingState BeginAgain(TrainingState state, double guessing)
    {
        var rate = _settings.LearningRate * state.RateShare;
        if (state.Beginnings == Relapse.MostBeginnings)
        {
            throw new RelapsedException(state.Step, rate);
        }

        var share = state.RateShare * Relapse.RateShare;
        context.Events.Write(
            new LogEvent(
                "warning",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"At step {state.Step} the model fell back to giving all rows the same answer: the loss was {state.Trend!.Lowest:0.000} and is {state.Trend.Mean:0.000}, and guessing has {guessing:0.000}. A learning rate of {rate:0.######} is too high for these rows. The run begins again with {_settings.LearningRate * share:0.######}."
                )
            )
        );
        return new TrainingState(0, 0, 0, state.Seconds, state.Course) { RateShare = share, Beginnings = state.Beginnings + 1 };
    }

    private bool IsOver(TrainingSetup setup, TrainingState state, PrivacyBudget? budget) =>
        state.Step >= setup.Source.TotalSteps
        || budget?.IsSpent(state) == true
        || (_settings.Patience > 0 && state.WithoutGain >= _settings.Patience);

    /// <summary>
    /// A classifier begins at guessing. Where the best of its validations is kept, that is the first of them: rows that teach nothing must
    /// not make it worse.
    /// </summary>
    private TrainingState JudgeBeginning(
        TrainingSetup setup,
        Validator validator,
        TrainingState state,
        CancellationToken cancellationToken
    ) =>
        state.Step == 0
        && state.BestLoss is null
        && _settings.Patience > 0
        && setup.Learner.GuessingLoss is not null
        && validator.Run(0, cancellationToken) is { } judged
            ? KeepBest(setup, state.After(judged.Loss), isBetter: true, cancellationToken)
            : state;

    /// <summary>Where the run may end early, what is best so far is kept as its output.</summary>
    private TrainingState KeepBest(TrainingSetup setup, TrainingState state, bool isBetter, CancellationToken cancellationToken)
    {
        if (_settings.Patience == 0 || state.WithoutGain > 0 || !isBetter)
        {
            return state;
        }

        SaveOutput(setup, cancellationToken);
        return state with { KeptStep = state.Step };
    }

    private WorkerState Finish(TrainingSetup setup, TrainingState state, CancellationToken cancellationToken)
    {
        if (_settings.Patience == 0 || state.KeptStep is not { } kept)
        {
            SaveOutput(setup, cancellationToken);
        }
        else if (kept == 0)
        {
            context.Events.Write(
                new LogEvent(
                    "warning",
                    "No validation was surely better than guessing: these rows teach nothing that tells the labels apart in others. The model of before the first step is kept, which gives each row the most frequent label. More rows, texts that hold what the label is about, or a larger encoder may help."
                )
            );
        }
        else if (kept < state.Step)
        {
            context.Events.Write(new LogEvent("info", $"The validation loss was lowest after step {kept}; the weights of then are kept."));
        }

        NoiseKey.Forget(context.Folder.Checkpoints);
        return WorkerState.Completed;
    }

    private TrainingState Step(TrainingSetup setup, TrainingState state, StepReporter reporter)
    {
        var step = state.Step + 1;
        var watch = Stopwatch.StartNew();
        var rate = state.RateShare * LearningRate.At(_settings, step, setup.Source.TotalSteps);
        var result = setup.Trainer.Step(step, setup.Source.BatchesOf(step), rate);
        var next = state with
        {
            Step = step,
            Updates = setup.Trainer.Optimizer.Updates,
            Tokens = state.Tokens + result.Tokens,
            Seconds = state.Seconds + watch.Elapsed.TotalSeconds,
            Trend = setup.Learner.GuessingLoss is { } guessing ? Relapse.After(state.Trend, result.Loss, guessing) : null,
        };
        reporter.Report(next, result, rate, setup.Source.EpochAfter(step), watch.Elapsed);
        return next;
    }

    private int ValidationInterval(TrainingSetup setup) =>
        _settings.ValidateEverySteps > 0 ? _settings.ValidateEverySteps : setup.Source.StepsPerEpoch;

    private WorkerState Stop(
        ControlAction action,
        TrainingSetup setup,
        CheckpointStore store,
        TrainingState state,
        CancellationToken cancellationToken
    )
    {
        if (action == ControlAction.Yield)
        {
            SaveCheckpoint(setup, store, state, cancellationToken);
            return WorkerState.Yielded; // with its noise: it goes on as if nothing had been
        }

        if (action == ControlAction.StopAndSave)
        {
            SaveCheckpoint(setup, store, state, cancellationToken);
            SaveOutput(setup, cancellationToken);
        }

        NoiseKey.Forget(context.Folder.Checkpoints);
        return WorkerState.Stopped;
    }

    private void SaveCheckpoint(TrainingSetup setup, CheckpointStore store, TrainingState state, CancellationToken cancellationToken)
    {
        var folder = "";
        Write("checkpoint", () => folder = store.Save(setup.Trainer, state), cancellationToken);
        context.Events.Write(new CheckpointEvent(state.Step, Path.GetRelativePath(context.Folder.Root, folder)));
    }

    private void SaveOutput(TrainingSetup setup, CancellationToken cancellationToken) =>
        Write("result", () => setup.Learner.Save(context.Folder.Adapter), cancellationToken);

    /// <summary>
    /// A full disk stops the run only as long as it is full: the last checkpoint stays whole, and nothing trained is lost.
    /// </summary>
    private void Write(string what, Action write, CancellationToken cancellationToken)
    {
        var waited = FullDisk.WriteWhenThereIsRoom(
            write,
            () =>
                context.Events.TryWrite(
                    new LogEvent(
                        "warning",
                        $"The disk is full. The run waits with its {what} until there is room; the last checkpoint is whole."
                    )
                ),
            cancellationToken
        );
        if (waited > TimeSpan.Zero)
        {
            context.Events.Write(
                new LogEvent("warning", $"The disk was full; the run waited {waited.TotalSeconds:0} s with its {what} and goes on.")
            );
        }
    }
}
