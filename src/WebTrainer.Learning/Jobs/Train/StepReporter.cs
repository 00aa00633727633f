using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>
/// Writes step events, each with its own step's loss, so that two runs of one spec can be compared event by event. Short runs
/// report every step; a long run of fast steps is thinned to a few a second.
/// </summary>
internal sealed class StepReporter(EventWriter events, int totalSteps)
{
    private const double EventsPerSecond = 4,
        Burst = 400;
    private double _allowance = Burst,
        _secondsPerStep;
    private (long Tokens, double Seconds) _unreported;

    public void Report(TrainingState state, StepResult result, double learningRate, double epoch, TimeSpan took)
    {
        var seconds = took.TotalSeconds;
        _secondsPerStep = _secondsPerStep == 0 ? seconds : (0.95 * _secondsPerStep) + (0.05 * seconds);
        _unreported = (_unreported.Tokens + result.Tokens, _unreported.Seconds + seconds);
        _allowance = Math.Min(Burst, _allowance + (seconds * EventsPerSecond));
        // A private step that took no row has no loss to report.
        if (double.IsNaN(result.Loss) || (_allowance < 1 && state.Step != totalSteps))
        {
            return;
        }

        _allowance -= 1;
        events.Write(
            new StepEvent(
                state.Step,
                totalSteps,
                epoch,
                result.Loss,
                learningRate,
                result.GradientNorm,
                state.Tokens,
                _unreported.Tokens / _unreported.Seconds,
                Environment.WorkingSet,
                (totalSteps - state.Step) * _secondsPerStep
            )
        );
        _unreported = (0, 0);
    }
}
