namespace WebTrainer.Domain.Judging;

/// <summary>A judge's reply to one question, kept so that nothing is asked twice.</summary>
public sealed class JudgeVerdict
{
    /// <summary>In UTF-16 units, the mark of a cut one included.</summary>
    public const int MaxReplyLength = 2000;

    /// <summary>SHA-256 of the judge's settings and of all texts in their order.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The judge that was asked, also where its settings have changed since.</summary>
    public Guid JudgeId { get; private set; }

    /// <summary>The reply as it came, its beginning where it is long; what it means is read from it each time.</summary>
    public string Reply { get; private set; } = "";

    /// <summary>When the reply came.</summary>
    public DateTimeOffset At { get; private set; }

    private JudgeVerdict() { }

    /// <param name="key">SHA-256 of the judge's settings and of all texts in their order.</param>
    /// <param name="judgeId">The judge that was asked.</param>
    /// <param name="reply">Longer than <see cref="MaxReplyLength"/> it is kept as no verdict: its beginning alone could read as
    /// one.</param>
    /// <param name="now">When the reply came.</param>
    public JudgeVerdict(string key, Guid judgeId, string reply, DateTimeOffset now) =>
        (Key, JudgeId, Reply, At) = (key, judgeId, reply.Length <= MaxReplyLength ? reply : "… " + reply[..(MaxReplyLength - 2)], now);
}
