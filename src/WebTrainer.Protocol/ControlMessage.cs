namespace WebTrainer.Protocol;

/// <summary>What a worker is asked to do while it works; it looks between two steps, or a few times a second.</summary>
public enum ControlAction
{
    /// <summary>Do no further steps, and keep memory and device.</summary>
    Pause,

    /// <summary>Go on after a pause; of a worker that isn't paused it asks nothing.</summary>
    Resume,

    /// <summary>End now; what was trained since the last checkpoint is given up.</summary>
    Stop,

    /// <summary>End after this step with a checkpoint and a usable adapter.</summary>
    StopAndSave,

    /// <summary>
    /// End after this step with a checkpoint, to go on from it later as if nothing had been: the device is needed for short work. One that
    /// is
    /// paused, or has no checkpoints, goes on as it is.
    /// </summary>
    Yield,
}

/// <summary>One line of <c>control.jsonl</c>.</summary>
public sealed record ControlMessage(long Seq, ControlAction Action, DateTimeOffset Time);
