namespace WebTrainer.Domain.Judging;

/// <summary>A judge's reply to one question, kept so that nothing is asked twice.</summary>
public sealed class JudgeVerdict
{
    public const int MaxReplyLength = 2000;

    /// <summary>SHA-256 of the judge's settings and of all texts in their order.</summary>
    public string Key { get; private set; } = "";
    public Guid JudgeId { get; private set; }

    /// <summary>The reply as it came, its beginning where it is long; what it means is read from it each time.</summary>
    public string Reply { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    private JudgeVerdict() { }

    /// <param name="reply">Longer than <see cref="MaxReplyLength"/> it is kept as no verdict: its beginning alone could read as
    /// one.</param>
    public JudgeVerdict(string key, Guid judgeId, string reply, DateTimeOffset now) =>
        (Key, JudgeId, Reply, At) = (key, judgeId, reply.Length <= MaxReplyLength ? reply : "… " + reply[..(MaxReplyLength - 2)], now);
}
