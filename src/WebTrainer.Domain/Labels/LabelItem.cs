namespace WebTrainer.Domain.Labels;

public enum ItemState
{
    /// <summary>Waits for answers.</summary>
    Open,

    /// <summary>All answers are there; waits for a reviewer.</summary>
    InReview,
    Approved,
}

/// <summary>One row of the task, with the answers it has and what became of them.</summary>
public sealed class LabelItem
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid TaskId { get; private set; }

    /// <summary>Place in the task, from 0.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Id of the row in the dataset version.</summary>
    public string RowId { get; private set; } = "";
    public ItemState State { get; private set; }

    /// <summary>The approved answer.</summary>
    public string? Final { get; private set; }
    public string? ReviewedBy { get; private set; }
    public DateTimeOffset? ReviewedAt { get; private set; }

    /// <summary>Why the reviewer sent it back, for the people who answer again.</summary>
    public string? ReturnReason { get; private set; }

    /// <summary>Grows with each change; two reviewers of one item collide here.</summary>
    public int Revision { get; private set; }
    public List<LabelAnswer> Answers { get; } = [];

    private LabelItem()
    {
    }

    public LabelItem(Guid taskId, int ordinal, string rowId)
    {
        TaskId = taskId;
        Ordinal = ordinal;
        RowId = rowId;
    }

    /// <summary>Stores or changes a person's answer. The item goes to review with the last answer asked for.</summary>
    public LabelAnswer Answer(LabelTask task, string userId, string value, DateTimeOffset now)
    {
        if (task.ClosedAt is not null)
            throw new RuleViolationException("This task is closed.");
        if (!task.Assignees.Contains(userId))
            throw new RuleViolationException("This task is not assigned to you.");
        if (State == ItemState.Approved)
            throw new RuleViolationException("This item is approved and can't be changed any more.");
        value = task.Accept(value);
        var answer = Answers.Find(a => a.UserId == userId);
        if (answer is null)
        {
            if (Answers.Count >= task.AnswersPerItem)
                throw new RuleViolationException("Others have answered this item in the meantime.");
            Answers.Add(answer = new LabelAnswer(Id, userId));
        }

        answer.Change(value, now);
        if (Answers.Count == task.AnswersPerItem && Answers.TrueForAll(a => !a.Returned))
        {
            State = ItemState.InReview;
            ReturnReason = null;
        }

        Revision++;
        return answer;
    }

    /// <summary>A reviewer takes an answer, or writes a better one.</summary>
    public void Approve(LabelTask task, string reviewerId, string value, DateTimeOffset now)
    {
        if (State != ItemState.InReview)
            throw new RuleViolationException("This item does not wait for a review.");
        if (task.AnswersPerItem == 1 && Answers.Exists(a => a.UserId == reviewerId))
            throw new RuleViolationException("Nobody reviews their own answer.");
        Final = task.Accept(value);
        State = ItemState.Approved;
        Reviewed(reviewerId, now);
    }

    /// <summary>Sends the item back to the people who answered it.</summary>
    public void Return(string reviewerId, string reason, DateTimeOffset now)
    {
        if (State != ItemState.InReview)
            throw new RuleViolationException("This item does not wait for a review.");
        if (string.IsNullOrWhiteSpace(reason))
            throw new RuleViolationException("Say why the item goes back, so that it can be answered better.");
        State = ItemState.Open;
        ReturnReason = reason.Trim();
        foreach (var answer in Answers)
            answer.SendBack();
        Reviewed(reviewerId, now);
    }

    private void Reviewed(string reviewerId, DateTimeOffset now)
    {
        ReviewedBy = reviewerId;
        ReviewedAt = now;
        Revision++;
    }
}

public sealed class LabelAnswer
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ItemId { get; private set; }
    public string UserId { get; private set; } = "";
    public string Value { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    /// <summary>True while the reviewer waits for a new answer.</summary>
    public bool Returned { get; private set; }

    private LabelAnswer()
    {
    }

    internal LabelAnswer(Guid itemId, string userId)
    {
        ItemId = itemId;
        UserId = userId;
    }

    internal void Change(string value, DateTimeOffset now)
    {
        Value = value;
        At = now;
        Returned = false;
    }

    internal void SendBack() => Returned = true;
}
