namespace WebTrainer.Domain.Notices;

/// <summary>What a notice is about.</summary>
public enum NoticeTopic
{
    /// <summary>A run, a search or a version of an endpoint waits for a lead.</summary>
    Waits,

    /// <summary>What somebody handed in was approved or rejected.</summary>
    Decided,

    /// <summary>A run has ended.</summary>
    Ended,

    /// <summary>An endpoint is above a limit.</summary>
    Alert,
}
