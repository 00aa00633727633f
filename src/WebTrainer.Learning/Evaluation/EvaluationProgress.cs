using System.Diagnostics;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Tells the portal how far the whole evaluation is, a few times a second, and listens whether it shall end.</summary>
/// <param name="events">Told at most twice a second, and at the end.</param>
/// <param name="control">Asked as often for a stop.</param>
/// <param name="total">Requests of all models and benchmarks together.</param>
internal sealed class EvaluationProgress(EventWriter events, ControlReader control, long total)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _last = -s_interval;
    private long _done;

    public string Stage { get; set; } = "";

    /// <exception cref="OperationCanceledException">Somebody has stopped the evaluation; what was answered is kept.</exception>
    public void Add(int requests)
    {
        _done += requests;
        if (_done < total && _watch.Elapsed < _last + s_interval)
        {
            return;
        }

        _last = _watch.Elapsed;
        if (control.Poll().Any(message => message.Action is ControlAction.Stop or ControlAction.StopAndSave))
        {
            throw new OperationCanceledException("The evaluation was stopped.");
        }

        events.Write(new ProgressEvent(Stage, _done, total, _done == 0 ? null : _watch.Elapsed.TotalSeconds / _done * (total - _done)));
    }
}
