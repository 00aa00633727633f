using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Does what control messages ask between two steps.</summary>
internal sealed class ControlledPause(EventWriter events, ControlReader control)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns at once, or after a pause.</summary>
    /// <returns>
    /// <see cref="ControlAction.Stop"/>, <see cref="ControlAction.StopAndSave"/> or <see cref="ControlAction.Yield"/> when the worker is to
    /// end,
    /// else null.
    /// </returns>
    public ControlAction? WaitOrStop(CancellationToken cancellationToken)
    {
        var paused = false;
        do
        {
            var yields = false;
            foreach (var message in control.Poll())
            {
                switch (message.Action)
                {
                    case ControlAction.Pause when !paused:
                        paused = true;
                        events.Write(new StateEvent(WorkerState.Paused));
                        break;
                    case ControlAction.Resume when paused:
                        paused = false;
                        events.Write(new StateEvent(WorkerState.Running));
                        break;
                    case ControlAction.Yield:
                        yields = true;
                        break;
                    case ControlAction.Stop or ControlAction.StopAndSave:
                        return message.Action;
                }
            }

            if (yields && !paused)
            {
                return ControlAction.Yield; // somebody's stop that came with it counts for more
            }

            if (paused && cancellationToken.WaitHandle.WaitOne(s_interval))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        } while (paused);
        return null;
    }
}
