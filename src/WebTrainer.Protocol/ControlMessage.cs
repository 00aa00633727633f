namespace WebTrainer.Protocol;

public enum ControlAction
{
    Pause,
    Resume,

    /// <summary>End now; what was trained since the last checkpoint is given up.</summary>
    Stop,

    /// <summary>End after this step with a checkpoint and a usable adapter.</summary>
    StopAndSave,
}

/// <summary>One line of <c>control.jsonl</c>.</summary>
public sealed record ControlMessage(long Seq, ControlAction Action, DateTimeOffset Time);
