namespace WebTrainer.Domain.Labels;

/// <summary>Where an item stands on its way to one answer.</summary>
public enum ItemState
{
    /// <summary>Waits for answers.</summary>
    Open,

    /// <summary>All answers are there; somebody has to decide.</summary>
    InReview,

    /// <summary>Enough people gave the same answer: done by the task's rules.</summary>
    Agreed,

    /// <summary>Decided by an adjudicator.</summary>
    Approved,
}

/// <summary>One row of the task, who has it or answered it, and what became of that.</summary>
public sealed class LabelItem
{
    /// <summary>By which assignments and notes name it; people see its place in the task.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The task whose questions are put; with <see cref="Ordinal"/> it fixes the item's place.</summary>
    public Guid TaskId { get; private set; }

    /// <summary>Place in the task, from 0.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Id of the row in the dataset version.</summary>
    public string RowId { get; private set; } = "";

    /// <summary>Follows from answers and decisions; a gold item stays open.</summary>
    public ItemState State { get; private set; }

    /// <summary>Items of higher priority are handed out first.</summary>
    public double Priority { get; private set; }

    /// <summary>Order among items of one priority.</summary>
    public int Shuffle { get; private set; }

    /// <summary>Answers that it is to have.</summary>
    public int Wanted { get; private set; }

    /// <summary>
    /// Places that nobody has taken: <see cref="Wanted"/> less those who hold or answered it. Kept beside the assignments so that a claim
    /// finds items by an index.
    /// </summary>
    public int Places { get; private set; }

    /// <summary>The known answers of a gold item.</summary>
    public string? Expected { get; private set; }

    /// <summary>Its answer is known: it tells how good people are and gives no data.</summary>
    public bool IsGold { get; private set; }

    /// <summary>What a model or rule would answer, and which.</summary>
    public string? Suggestion { get; private set; }

    /// <summary>What made <see cref="Suggestion"/>; null where there is none.</summary>
    public string? SuggestedBy { get; private set; }

    /// <summary>Responses to compare, in the order that answers refer to.</summary>
    public List<Guid> Candidates { get; private set; } = [];

    /// <summary>The answers that count in the end.</summary>
    public string? Final { get; private set; }

    /// <summary>User id of who last decided on it; null where it was agreed on without anybody.</summary>
    public string? ReviewedBy { get; private set; }

    /// <summary>When it was last decided on, or agreed on by the task's rules; null before.</summary>
    public DateTimeOffset? ReviewedAt { get; private set; }

    /// <summary>Why it was sent back, for the people who answer again.</summary>
    public string? ReturnReason { get; private set; }

    /// <summary>Grows with each change; two who decide on one item collide here.</summary>
    public int Revision { get; private set; }

    /// <summary>As far as they were read from the database; what counts answers needs them all.</summary>
    public List<Assignment> Assignments { get; } = [];

    private LabelItem() { }

    /// <summary>An open item with all its places free.</summary>
    /// <param name="taskId">The task it is of.</param>
    /// <param name="ordinal">Place in the task, from 0.</param>
    /// <param name="rowId">Id of the row in the task's dataset version.</param>
    /// <param name="wanted">The task's overlap.</param>
    /// <param name="shuffle">Order among items of one priority.</param>
    /// <param name="priority">The higher, the earlier it is handed out.</param>
    public LabelItem(Guid taskId, int ordinal, string rowId, int wanted, int shuffle = 0, double priority = 0)
    {
        TaskId = taskId;
        Ordinal = ordinal;
        RowId = rowId;
        Wanted = Places = wanted;
        Shuffle = shuffle;
        Priority = priority;
    }

    /// <summary>Assignments whose answers count: of those read along, not held, sent back, left or lapsed.</summary>
    public IEnumerable<Assignment> Answers => Assignments.Where(a => a.State is AssignmentState.Answered);

    /// <summary>Answers that it does not have yet.</summary>
    public int Missing => IsGold ? 0 : Math.Max(0, Wanted - Answers.Count());

    /// <summary>
    /// Answers are missing, and nobody who is assigned can give one: each has answered it or left it. With all assignments read.
    /// </summary>
    public bool NobodyIsLeft(LabelTask task) =>
        Missing > 0
        && task.Assignees.All(person =>
            Assignments.Exists(a =>
                a.UserId == person && a.State is AssignmentState.Answered or AssignmentState.Skipped or AssignmentState.Discarded
            )
        );

    /// <summary>Sets the responses to compare, before it is stored.</summary>
    /// <param name="candidates">Ids of model answers; answers refer to their order.</param>
    /// <returns>The same item.</returns>
    public LabelItem WithCandidates(IEnumerable<Guid> candidates)
    {
        Candidates = [.. candidates];
        return this;
    }

    /// <summary>Replaces the suggestion; it is shown only where the task's rules say so.</summary>
    /// <param name="values">A sheet as <see cref="QuestionForm"/> writes it.</param>
    /// <param name="by">What made the suggestion.</param>
    /// <returns>The same item.</returns>
    public LabelItem WithSuggestion(string values, string by)
    {
        (Suggestion, SuggestedBy) = (values, by);
        return this;
    }

    /// <summary>Makes it an item whose answer is known: everybody gets it, and it counts for nobody's data.</summary>
    public LabelItem AsGold(string expected)
    {
        (IsGold, Expected, Places) = (true, expected, 0);
        Revision++;
        return this;
    }

    /// <summary>Items of higher priority are handed out first.</summary>
    public void Prefer(double priority)
    {
        Priority = priority;
        Revision++;
    }

    /// <summary>Hands it to a person outside the queue, as an import does.</summary>
    public void Take(LabelTask task, string userId, DateTimeOffset now)
    {
        Assignments.Add(new Assignment(TaskId, Id, userId, now, now.AddMinutes(task.Rules.LeaseMinutes)));
        Places--;
    }

    /// <summary>Stores or changes a person's answers, and sends the item on when it has all it wants.</summary>
    /// <param name="task">The item's; it must be open and the person assigned.</param>
    /// <param name="userId">User id of who answers, who must have or have had the item.</param>
    /// <param name="values">Checked by <see cref="LabelTask.Accept"/>.</param>
    /// <param name="seconds">How long the person worked on it, by their own clock; never more than they had it.</param>
    /// <param name="now">When it was answered.</param>
    /// <exception cref="RuleViolationException">The task is closed, paused or not the person's, the item was not handed out to them or is
    /// approved, or their lease ended and others have finished it.</exception>
    public Assignment Submit(LabelTask task, string userId, string values, double seconds, DateTimeOffset now)
    {
        task.MustTakeAnswersOf(userId);
        var assignment = Of(userId);
        MustBeOpenFor(assignment);
        var placesBefore = assignment.TakesPlace;
        bool? took = Suggestion is null || !task.Rules.ShowSuggestions ? null : Suggestion == values;
        assignment.Submit(task, values, seconds, took, now);
        if (!placesBefore && !IsGold)
        {
            Places--; // late, after its lease: one answer more than asked for is better than one lost
        }

        Route(task, now);
        return assignment;
    }

    /// <summary>Leaves it to others.</summary>
    /// <exception cref="RuleViolationException">As of <see cref="Submit"/>, or the reason is blank or too long.</exception>
    public void Skip(LabelTask task, string userId, string reason, DateTimeOffset now)
    {
        if (reason.Trim().Length is 0 or > Assignment.MaxReasonLength)
        {
            throw new RuleViolationException($"Say why you skip it, in at most {Assignment.MaxReasonLength} characters.");
        }

        Leave(task, userId, AssignmentState.Skipped, reason.Trim(), now);
    }

    /// <summary>Says that it can't be answered.</summary>
    public void Discard(LabelTask task, string userId, DateTimeOffset now) => Leave(task, userId, AssignmentState.Discarded, null, now);

    /// <summary>Takes back a skip or a discard, with the answer that was there.</summary>
    /// <exception cref="RuleViolationException">As of <see cref="Submit"/>, or the person has neither skipped nor discarded it.</exception>
    public void Restore(LabelTask task, string userId, DateTimeOffset now)
    {
        task.MustTakeAnswersOf(userId);
        var assignment = Of(userId);
        if (assignment.State is not (AssignmentState.Skipped or AssignmentState.Discarded))
        {
            throw new RuleViolationException("There is nothing to take back here.");
        }

        MustBeOpenFor(assignment);
        assignment.Restore(now, now.AddMinutes(task.Rules.LeaseMinutes));
        if (!IsGold)
        {
            Places--;
        }

        Route(task, now);
    }

    /// <summary>An adjudicator takes an answer, or writes a better one.</summary>
    public void Approve(LabelTask task, string reviewerId, string values, DateTimeOffset now)
    {
        MustWaitFor(reviewerId);
        Final = values;
        State = ItemState.Approved;
        Reviewed(reviewerId, now);
    }

    /// <summary>Sends the item back to the people who answered it.</summary>
    public void Return(string reviewerId, string reason, DateTimeOffset now)
    {
        MustWaitFor(reviewerId);
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new RuleViolationException("Say why the item goes back, so that it can be answered better.");
        }

        State = ItemState.Open;
        ReturnReason = reason.Trim();
        foreach (var assignment in Assignments)
        {
            assignment.SendBack();
        }

        Reviewed(reviewerId, now);
    }

    /// <summary>Asks one more person.</summary>
    public void AskFurther(string reviewerId, DateTimeOffset now)
    {
        MustWaitFor(reviewerId);
        if (Wanted >= TaskRules.MostOverlap)
        {
            throw new RuleViolationException($"{Wanted} people answered it already; decide it yourself.");
        }

        Wanted++;
        Places++;
        State = ItemState.Open;
        Reviewed(reviewerId, now);
    }

    private void Leave(LabelTask task, string userId, AssignmentState state, string? reason, DateTimeOffset now)
    {
        task.MustTakeAnswersOf(userId);
        var assignment = Of(userId);
        MustBeOpenFor(assignment);
        if (assignment.TakesPlace && !IsGold)
        {
            Places++;
        }

        assignment.Leave(state, reason, now);
        var refused = Assignments.Count(a => a.State is AssignmentState.Discarded);
        if (!IsGold)
        {
            // nobody can answer it: somebody has to look
            State = refused >= Wanted || NobodyIsLeft(task) ? ItemState.InReview : ItemState.Open;
        }

        Revision++;
    }

    /// <summary>With all answers there: done where people agree, else one more person or somebody who decides.</summary>
    private void Route(LabelTask task, DateTimeOffset now)
    {
        Revision++;
        if (IsGold || State == ItemState.Approved)
        {
            return;
        }

        (Final, State) = (null, ItemState.Open);
        var answers = Answers.ToList();
        if (Assignments.Exists(a => a.State == AssignmentState.Returned))
        {
            return;
        }

        if (answers.Count < Wanted)
        {
            State = NobodyIsLeft(task) ? ItemState.InReview : ItemState.Open; // the others left it: what is there has to be decided on
            return;
        }

        ReturnReason = null;
        if (answers.Count > 1 && Consensus.Of(task, answers.ConvertAll(a => QuestionForm.Read(a.Values))) is { } agreed)
        {
            (Final, State) = (agreed, task.Rules.AgreedIsDone ? ItemState.Agreed : ItemState.InReview);
            ReviewedAt = State == ItemState.Agreed ? now : null;
        }
        else if (
            answers.Count > 1
            && task.Rules.OnDisagreement == OnDisagreement.FurtherAnnotator
            && Wanted < Math.Min(task.Rules.MaxOverlap, task.Assignees.Count)
        )
        {
            Wanted++;
            Places++;
            Priority = task.Rules.Order == ItemOrder.Disagreement ? Priority + 1 : Priority;
        }
        else
        {
            State = ItemState.InReview;
        }
    }

    private Assignment Of(string userId) =>
        Assignments.Find(a => a.UserId == userId) ?? throw new RuleViolationException("This item was not handed out to you.");

    private void MustBeOpenFor(Assignment assignment)
    {
        if (State == ItemState.Approved)
        {
            throw new RuleViolationException("This item is approved and can't be changed any more.");
        }

        if (!assignment.TakesPlace && assignment.State == AssignmentState.Lapsed && State == ItemState.Agreed)
        {
            throw new RuleViolationException(
                "Your time for this item was over, and others have finished it in the meantime. Your text is kept in this browser."
            );
        }
    }

    private void MustWaitFor(string reviewerId)
    {
        if (State != ItemState.InReview)
        {
            throw new RuleViolationException("This item does not wait for a decision.");
        }

        if (Assignments.Exists(a => a.UserId == reviewerId && a.Values is not null))
        {
            throw new RuleViolationException("You answered this item yourself; somebody else decides on it.");
        }
    }

    private void Reviewed(string reviewerId, DateTimeOffset now)
    {
        ReviewedBy = reviewerId;
        ReviewedAt = now;
        Revision++;
    }
}
