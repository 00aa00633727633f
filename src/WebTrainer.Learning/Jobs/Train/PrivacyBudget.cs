using System.Globalization;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Privacy;
using WebTrainer.Privacy.Accounting;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Keeps a private run within its budget, and tells how much of it is spent.</summary>
internal sealed class PrivacyBudget
{
    /// <summary>What is spent takes a moment to reckon by the distribution of the loss, so it is told so often over a run.</summary>
    private const int Reports = 10;

    private readonly JobContext<TrainSpec> _context;
    private readonly PrivacyAccount _account;
    private readonly int _lastStep,
        _totalSteps,
        _interval;
    private int _reported = -1;

    private PrivacyBudget(JobContext<TrainSpec> context, PrivacyAccount account, TrainingState state, int totalSteps)
    {
        (_context, _account, _totalSteps) = (context, account, totalSteps);
        _lastStep = state.Step + account.StepsWithin(LedgerOf(state), Math.Max(0, totalSteps - state.Step));
        _interval = Math.Max(1, totalSteps / Reports);
    }

    /// <returns>Null where nothing bounds what the run tells of its rows.</returns>
    public static PrivacyBudget? Of(JobContext<TrainSpec> context, TrainingSetup setup, TrainingState state)
    {
        if (setup.Privacy is not { } privacy)
        {
            return null;
        }

        var budget = new PrivacyBudget(context, privacy.Account, state, setup.Source.TotalSteps);
        budget.Report(state);
        return budget;
    }

    /// <summary>Whether one more step would pass the budget, or the run is at its end anyway.</summary>
    public bool IsSpent(TrainingState state) => state.Step >= _lastStep;

    /// <summary>The state with its last step accounted for.</summary>
    public TrainingState After(TrainingState state)
    {
        var next = state with { Accounted = _account.After(LedgerOf(state), 1).Done };
        if (next.Step % _interval == 0)
        {
            Report(next);
        }

        return next;
    }

    /// <summary>Tells what was spent, and that the run ends because of it where it does.</summary>
    public void End(TrainingState state)
    {
        Report(state);
        if (IsSpent(state) && _lastStep < _totalSteps)
        {
            _context.Events.Write(
                new LogEvent(
                    "warning",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The run ends after step {state.Step} of {_totalSteps}: one more would pass its privacy budget of ε = {_context.Spec.Privacy!.Epsilon}."
                    )
                )
            );
        }
    }

    private void Report(TrainingState state)
    {
        if (_reported == state.Step)
        {
            return;
        }

        _reported = state.Step;
        var spec = _context.Spec.Privacy!;
        _context.Events.Write(
            new PrivacyEvent(
                state.Step,
                _account.Epsilon(LedgerOf(state)),
                spec.Epsilon,
                _account.Delta,
                _account.Step.SampleRate,
                _account.Step.NoiseMultiplier,
                spec.GroupColumn
            )
        );
    }

    private static PrivacyLedger LedgerOf(TrainingState state) => new(state.Accounted ?? []);
}
