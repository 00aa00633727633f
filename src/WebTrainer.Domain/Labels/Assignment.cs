namespace WebTrainer.Domain.Labels;

public enum AssignmentState
{
    /// <summary>Before its person, until the lease ends.</summary>
    Held,
    Answered,

    /// <summary>Sent back by an adjudicator; waits for a new answer of the same person.</summary>
    Returned,

    /// <summary>Its person said that it can't be answered.</summary>
    Discarded,

    /// <summary>Its person left it to others, with a reason.</summary>
    Skipped,

    /// <summary>The lease ended; somebody else may have the item now. A late answer is still taken.</summary>
    Lapsed,
}

/// <summary>One item before one person: the claim, the answer and its history.</summary>
public sealed class Assignment
{
    public const int MaxReasonLength = 500;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid TaskId { get; private set; }
    public Guid ItemId { get; private set; }
    public string UserId { get; private set; } = "";
    public AssignmentState State { get; private set; }
    public DateTimeOffset TakenAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>The answers as they count, as <see cref="QuestionForm"/> writes them.</summary>
    public string? Values { get; private set; }

    /// <summary>What is begun and not submitted, unchecked.</summary>
    public string? Draft { get; private set; }
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>Seconds of work on it, without idle time.</summary>
    public double Seconds { get; private set; }
    public string? SkipReason { get; private set; }

    /// <summary>Whether the person took the suggestion as it was; null where none was shown.</summary>
    public bool? TookSuggestion { get; private set; }
    public int QuestionsVersion { get; private set; }
    public int GuidelinesVersion { get; private set; }

    /// <summary>Grows with each change by its person: a second tab that shows an older state collides here.</summary>
    public int Revision { get; private set; }

    /// <summary>
    /// Which keys of which browser tab are in <see cref="Draft"/> and <see cref="Values"/> already, so that none counts twice.
    /// </summary>
    public string? Heard { get; private set; }
    public List<AnswerVersion> History { get; } = [];

    private Assignment() { }

    public Assignment(Guid taskId, Guid itemId, string userId, DateTimeOffset now, DateTimeOffset until) =>
        (TaskId, ItemId, UserId, TakenAt, ExpiresAt) = (taskId, itemId, userId, now, until);

    /// <summary>It takes one of the places that the item has.</summary>
    public bool TakesPlace => State is AssignmentState.Held or AssignmentState.Answered or AssignmentState.Returned;

    internal void Submit(LabelTask task, string values, double seconds, bool? tookSuggestion, DateTimeOffset now)
    {
        Values = values;
        Draft = null;
        Revision++;
        State = AssignmentState.Answered;
        AnsweredAt = now;
        SkipReason = null;
        // Nobody works longer on an item than they had it: a client's clock is not to be trusted.
        Seconds = Math.Clamp(Seconds + seconds, 0, Math.Max(0, (now - TakenAt).TotalSeconds));
        TookSuggestion = tookSuggestion;
        QuestionsVersion = task.QuestionsVersion;
        GuidelinesVersion = task.GuidelinesVersion;
        Note(AnswerAct.Submitted, now);
    }

    public void Hear(string heard) => Heard = heard;

    internal void Leave(AssignmentState state, string? reason, DateTimeOffset now)
    {
        State = state;
        SkipReason = reason;
        Revision++;
        Note(state == AssignmentState.Skipped ? AnswerAct.Skipped : AnswerAct.Discarded, now);
    }

    internal void Restore(DateTimeOffset now, DateTimeOffset until)
    {
        State = Values is null ? AssignmentState.Held : AssignmentState.Answered;
        SkipReason = null;
        ExpiresAt = until;
        Revision++;
        Note(AnswerAct.Restored, now);
    }

    internal void SendBack() => State = State == AssignmentState.Answered ? AssignmentState.Returned : State;

    private void Note(AnswerAct act, DateTimeOffset now) =>
        History.Add(new AnswerVersion(Id, History.Count + 1, act, Values ?? Draft, now));
}

public enum AnswerAct
{
    Submitted,
    Discarded,
    Skipped,

    /// <summary>Taken back from being discarded or skipped.</summary>
    Restored,
}

/// <summary>One step in the history of an answer; never changed.</summary>
public sealed class AnswerVersion
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid AssignmentId { get; private set; }
    public int Number { get; private set; }
    public AnswerAct Act { get; private set; }
    public string? Values { get; private set; }
    public DateTimeOffset At { get; private set; }

    private AnswerVersion() { }

    internal AnswerVersion(Guid assignmentId, int number, AnswerAct act, string? values, DateTimeOffset at) =>
        (AssignmentId, Number, Act, Values, At) = (assignmentId, number, act, values, at);
}

/// <summary>A person's word to the lead about an item, and the lead's answer to that person. Other annotators see neither.</summary>
public sealed class ItemNote
{
    public const int MaxLength = 2000;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid TaskId { get; private set; }
    public Guid ItemId { get; private set; }
    public string UserId { get; private set; } = "";

    /// <summary>Something is wrong with the item, beyond a question about it.</summary>
    public bool IsFlag { get; private set; }
    public string Text { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    public string? Reply { get; private set; }
    public DateTimeOffset? RepliedAt { get; private set; }

    private ItemNote() { }

    public ItemNote(Guid taskId, Guid itemId, string userId, bool isFlag, string text, DateTimeOffset now)
    {
        if (text.Trim().Length is 0 or > MaxLength)
        {
            throw new RuleViolationException($"Write 1 to {MaxLength} characters to the lead.");
        }

        (TaskId, ItemId, UserId, IsFlag, Text, At) = (taskId, itemId, userId, isFlag, text.Trim(), now);
    }

    public void Answer(string reply, DateTimeOffset now)
    {
        if (reply.Trim().Length is 0 or > MaxLength)
        {
            throw new RuleViolationException($"Write 1 to {MaxLength} characters.");
        }

        (Reply, RepliedAt) = (reply.Trim(), now);
    }
}
