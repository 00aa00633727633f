namespace WebTrainer.Domain.Labels;

/// <summary>Where a person stands with an item.</summary>
public enum AssignmentState
{
    /// <summary>Before its person, until the lease ends.</summary>
    Held,

    /// <summary>Submitted; its answers count towards those the item wants.</summary>
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
    /// <summary>Of a reason for skipping, in UTF-16 units after trimming.</summary>
    public const int MaxReasonLength = 500;

    /// <summary>By which its history names it; people and items find it by both their ids.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The item's task, kept here too so that a person's work in a task is found without its items.</summary>
    public Guid TaskId { get; private set; }

    /// <summary>With <see cref="UserId"/> unique: one claim and one answer a person and item.</summary>
    public Guid ItemId { get; private set; }

    /// <summary>User id of the one person whose claim it is.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>
    /// Changed through the item's methods, which keep its places in step; that a lease ended is noted in the database itself.
    /// </summary>
    public AssignmentState State { get; private set; }

    /// <summary>When it was handed out; no more seconds are counted than have passed since.</summary>
    public DateTimeOffset TakenAt { get; private set; }

    /// <summary>End of the lease; an answer that comes later is still taken while others have not finished the item.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>The answers as they count, as <see cref="QuestionForm"/> writes them.</summary>
    public string? Values { get; private set; }

    /// <summary>What is begun and not submitted, unchecked.</summary>
    public string? Draft { get; private set; }

    /// <summary>When it was last submitted; null while it never was. A skip or a return leaves it as it is.</summary>
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>Seconds of work on it, without idle time.</summary>
    public double Seconds { get; private set; }

    /// <summary>Why its person skipped it; null again once it was answered or taken back.</summary>
    public string? SkipReason { get; private set; }

    /// <summary>Whether the person took the suggestion as it was; null where none was shown.</summary>
    public bool? TookSuggestion { get; private set; }

    /// <summary>Version of the questions at the last submission; 0 before one.</summary>
    public int QuestionsVersion { get; private set; }

    /// <summary>Version of the guidelines in force at the last submission; 0 before one, or where there were none.</summary>
    public int GuidelinesVersion { get; private set; }

    /// <summary>Grows with each change by its person: a second tab that shows an older state collides here.</summary>
    public int Revision { get; private set; }

    /// <summary>
    /// Which keys of which browser tab are in <see cref="Draft"/> and <see cref="Values"/> already, so that none counts twice.
    /// </summary>
    public string? Heard { get; private set; }

    /// <summary>All that was done with it, in the order of <see cref="AnswerVersion.Number"/>; only ever added to.</summary>
    public List<AnswerVersion> History { get; } = [];

    private Assignment() { }

    /// <summary>A claim that begins as <see cref="AssignmentState.Held"/>.</summary>
    /// <param name="taskId">The item's task.</param>
    /// <param name="itemId">The item that is before the person.</param>
    /// <param name="userId">User id of the person.</param>
    /// <param name="now">When the person got it; the time they worked is not counted beyond this.</param>
    /// <param name="until">When the lease ends.</param>
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

    /// <summary>Notes the keys counted so far, as the caller writes them; replaces what was noted.</summary>
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

/// <summary>What a person did with an item, as its history notes it.</summary>
public enum AnswerAct
{
    /// <summary>Sent, for the first time or changed later.</summary>
    Submitted,

    /// <summary>Said that it can't be answered.</summary>
    Discarded,

    /// <summary>Left to others, with a reason.</summary>
    Skipped,

    /// <summary>Taken back from being discarded or skipped.</summary>
    Restored,
}

/// <summary>One step in the history of an answer; never changed.</summary>
public sealed class AnswerVersion
{
    /// <summary>Of the step alone; a history is read by assignment and number.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The assignment whose history it belongs to.</summary>
    public Guid AssignmentId { get; private set; }

    /// <summary>1, 2, 3, … within the assignment.</summary>
    public int Number { get; private set; }

    /// <summary>What brought this step about.</summary>
    public AnswerAct Act { get; private set; }

    /// <summary>The sheet as it was then, or the draft where nothing had been submitted; null where there was neither.</summary>
    public string? Values { get; private set; }

    /// <summary>When it happened, by the server's clock.</summary>
    public DateTimeOffset At { get; private set; }

    private AnswerVersion() { }

    internal AnswerVersion(Guid assignmentId, int number, AnswerAct act, string? values, DateTimeOffset at) =>
        (AssignmentId, Number, Act, Values, At) = (assignmentId, number, act, values, at);
}

/// <summary>A person's word to the lead about an item, and the lead's answer to that person. Other annotators see neither.</summary>
public sealed class ItemNote
{
    /// <summary>Of the text and of the reply, in UTF-16 units after trimming.</summary>
    public const int MaxLength = 2000;

    /// <summary>By which the lead's reply finds it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The item's task, kept here too so that a task's notes are found without its items.</summary>
    public Guid TaskId { get; private set; }

    /// <summary>What the note is about; an item may have any number of notes.</summary>
    public Guid ItemId { get; private set; }

    /// <summary>User id of the annotator who wrote it, and to whom the reply is shown.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>Something is wrong with the item, beyond a question about it.</summary>
    public bool IsFlag { get; private set; }

    /// <summary>In the person's words, trimmed.</summary>
    public string Text { get; private set; } = "";

    /// <summary>When the note was written; the reply has a time of its own.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>The lead's answer; null while there is none.</summary>
    public string? Reply { get; private set; }

    /// <summary>When the reply was last written.</summary>
    public DateTimeOffset? RepliedAt { get; private set; }

    private ItemNote() { }

    /// <summary>A note without a reply.</summary>
    /// <exception cref="RuleViolationException">The text is blank or longer than <see cref="MaxLength"/>.</exception>
    public ItemNote(Guid taskId, Guid itemId, string userId, bool isFlag, string text, DateTimeOffset now)
    {
        if (text.Trim().Length is 0 or > MaxLength)
        {
            throw new RuleViolationException($"Write 1 to {MaxLength} characters to the lead.");
        }

        (TaskId, ItemId, UserId, IsFlag, Text, At) = (taskId, itemId, userId, isFlag, text.Trim(), now);
    }

    /// <summary>Answers it; a second answer replaces the first.</summary>
    /// <exception cref="RuleViolationException">The reply is blank or longer than <see cref="MaxLength"/>.</exception>
    public void Answer(string reply, DateTimeOffset now)
    {
        if (reply.Trim().Length is 0 or > MaxLength)
        {
            throw new RuleViolationException($"Write 1 to {MaxLength} characters.");
        }

        (Reply, RepliedAt) = (reply.Trim(), now);
    }
}
