namespace WebTrainer.Domain.Notices;

/// <summary>A notice on its way to one receiver: tried, tried again with growing pauses, and put aside when it never arrived.</summary>
public sealed class Delivery
{
    /// <summary>Of a subject, in UTF-16 units; longer ones are cut.</summary>
    public const int MaxSubjectLength = 300;

    /// <summary>Of why it did not arrive; longer ones are cut.</summary>
    public const int MaxProblemLength = 500;

    /// <summary>After each failure it rests so long; after the last it is put aside. A receiver may be away for a night.</summary>
    public static readonly IReadOnlyList<TimeSpan> Pauses =
    [
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(8),
    ];

    /// <summary>While it is being sent nobody else sends it; a server that dies meanwhile leaves it for so long.</summary>
    public static readonly TimeSpan Claim = TimeSpan.FromMinutes(5);

    /// <summary>What arrived is forgotten after this.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>The receiver knows by it what it has got already.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>Whose leads see it where it was put aside.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The webhook that is told; null of a mail.</summary>
    public Guid? WebhookId { get; private set; }

    /// <summary>User id of who is told by mail; null of a webhook.</summary>
    public string? UserId { get; private set; }

    /// <summary>What it is about.</summary>
    public NoticeTopic Topic { get; private set; }

    /// <summary>A line that says what to do.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>Of a mail its text, of a webhook its body to the letter.</summary>
    public string Body { get; private set; } = "";

    /// <summary>When it happened.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Not sent before.</summary>
    public DateTimeOffset NextAt { get; private set; }

    /// <summary>How often it was tried in vain.</summary>
    public int Tries { get; private set; }

    /// <summary>Null while it has not arrived.</summary>
    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>When it was given up; null while it wasn't.</summary>
    public DateTimeOffset? DeadAt { get; private set; }

    /// <summary>Why it did not arrive the last time, in a sentence.</summary>
    public string? Problem { get; private set; }

    /// <summary>Grows with each change; two who would send it at once collide here.</summary>
    public int Revision { get; private set; }

    private Delivery() { }

    private Delivery(Guid projectId, NoticeTopic topic, string subject, string body, DateTimeOffset now) =>
        (ProjectId, Topic, Subject, Body, CreatedAt, NextAt) = (
            projectId,
            topic,
            subject[..Math.Min(subject.Length, MaxSubjectLength)],
            body,
            now,
            now
        );

    /// <summary>To a person, by mail.</summary>
    public static Delivery ByMail(Guid projectId, string userId, NoticeTopic topic, string subject, string text, DateTimeOffset now) =>
        new(projectId, topic, subject, text, now) { UserId = userId };

    /// <summary>To a webhook.</summary>
    public static Delivery ByWebhook(Webhook webhook, NoticeTopic topic, string subject, string json, DateTimeOffset now) =>
        new(webhook.ProjectId, topic, subject, json, now) { WebhookId = webhook.Id };

    /// <summary>It is about to be sent, or waits for a better time.</summary>
    public void Rest(DateTimeOffset until)
    {
        NextAt = until;
        Revision++;
    }

    /// <summary>It has arrived.</summary>
    public void Arrive(DateTimeOffset now)
    {
        (SentAt, Problem) = (now, null);
        Revision++;
    }

    /// <summary>It has not arrived.</summary>
    /// <param name="isFinal">No other try can help.</param>
    public void Fail(string problem, bool isFinal, DateTimeOffset now)
    {
        Problem = problem[..Math.Min(problem.Length, MaxProblemLength)];
        if (isFinal || Tries >= Pauses.Count)
        {
            DeadAt = now;
        }
        else
        {
            NextAt = now + Pauses[Tries];
        }

        Tries++;
        Revision++;
    }

    /// <summary>A person has it tried from the beginning.</summary>
    /// <exception cref="RuleViolationException">It was not put aside.</exception>
    public void SendAgain(DateTimeOffset now)
    {
        if (DeadAt is null)
        {
            throw new RuleViolationException("This notice was not put aside: it has arrived, or is still tried.");
        }

        (DeadAt, Tries, NextAt) = (null, 0, now);
        Revision++;
    }
}
