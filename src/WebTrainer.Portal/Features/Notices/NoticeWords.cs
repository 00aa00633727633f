using WebTrainer.Domain.Notices;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>How pages call what notices are about.</summary>
public static class NoticeWords
{
    public static string Name(NoticeTopic topic) =>
        topic switch
        {
            NoticeTopic.Waits => "something waits for a lead",
            NoticeTopic.Decided => "what was handed in is decided",
            NoticeTopic.Ended => "a run has ended",
            NoticeTopic.Alert => "an endpoint is above a limit",
            _ => throw new ArgumentOutOfRangeException(nameof(topic), topic, null),
        };
}
