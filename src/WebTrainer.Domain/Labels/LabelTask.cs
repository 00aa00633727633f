namespace WebTrainer.Domain.Labels;

/// <summary>Work for experts: questions on the rows of a dataset version, or on what models answered to them.</summary>
public sealed class LabelTask
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Of one version, in UTF-16 units.</summary>
    public const int MaxGuidelinesLength = 50_000;

    /// <summary>By which items, notes and addresses name it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The dataset version's project, kept here too: by it is decided who may see the task.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The version whose rows are asked about; fixed, as row ids hold within it.</summary>
    public Guid DatasetVersionId { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>In the order in which they are put; empty only where they can't be read, see <see cref="Problem"/>.</summary>
    public List<Question> Questions { get; private set; } = [];

    /// <summary>Grows with each change of the questions; answers and snapshots note it.</summary>
    public int QuestionsVersion { get; private set; } = 1;

    /// <summary>How items are handed out; <see cref="TaskRules.Damaged"/> where they can't be read.</summary>
    public TaskRules Rules { get; private set; } = new();

    /// <summary>Which rows it took, as JSON.</summary>
    public string Filter { get; private set; } = "{}";

    /// <summary>User ids, each once; never fewer than <see cref="TaskRules.Overlap"/>.</summary>
    public List<string> Assignees { get; private set; } = [];

    /// <summary>Number of the version in force; 0 while nobody has written any.</summary>
    public int GuidelinesVersion { get; private set; }

    /// <summary>All versions, as far as they were read from the database.</summary>
    public List<TaskGuidelines> Guidelines { get; } = [];

    /// <summary>Models whose answers are compared; empty where rows themselves are judged.</summary>
    public List<string> Models { get; private set; } = [];

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made, already open for answers.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Null while it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; private set; }

    /// <summary>Null while it is not closed; a closed task is never opened again.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    private LabelTask() { }

    /// <summary>An open task without items and guidelines.</summary>
    /// <param name="projectId">The version's project.</param>
    /// <param name="datasetVersionId">The version whose rows are asked about.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="questions">In the order in which they are put.</param>
    /// <param name="rules">How items are handed out.</param>
    /// <param name="filter">Which rows it takes, as JSON.</param>
    /// <param name="assignees">User ids; doubles are left out.</param>
    /// <param name="createdBy">User id of who makes it.</param>
    /// <param name="now">When it is made.</param>
    /// <exception cref="RuleViolationException">The name is empty or too long, nobody is assigned, or questions or rules don't
    /// hold.</exception>
    public LabelTask(
        Guid projectId,
        Guid datasetVersionId,
        string name,
        IEnumerable<Question> questions,
        TaskRules rules,
        string filter,
        IEnumerable<string> assignees,
        string createdBy,
        DateTimeOffset now
    )
    {
        ProjectId = projectId;
        DatasetVersionId = datasetVersionId;
        Name = name.Trim();
        Questions = [.. questions];
        Rules = rules;
        Filter = filter;
        Assignees = [.. assignees.Distinct()];
        CreatedBy = createdBy;
        CreatedAt = now;
        if (Name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A task's name has 1 to {MaxNameLength} characters.");
        }

        if (Assignees.Count == 0)
        {
            throw new RuleViolationException("Assign at least one person.");
        }

        QuestionForm.Check(Questions);
        Rules.Check(Assignees.Count);
    }

    /// <summary>Makes it a comparison of what these models answer.</summary>
    public LabelTask Comparing(IEnumerable<string> models)
    {
        Models = [.. models.Distinct()];
        return Models.Count >= 2 ? this : throw new RuleViolationException("Choose at least two models to compare.");
    }

    /// <summary>Why nothing can be done with it; null where all is well.</summary>
    public string? Problem =>
        Questions.Count == 0 || Rules.Overlap == 0
            ? "This task's questions or rules can't be read from the database, where they were damaged. Its answers are kept. Tell an administrator, who restores it from a backup, or make a new task."
            : null;

    /// <summary>It takes answers: it is neither paused nor closed.</summary>
    public bool IsOpen => ClosedAt is null && PausedAt is null;

    /// <summary>The first question of a kind; null where there is none.</summary>
    public Question? Find(QuestionKind kind) => Questions.Find(q => q.Kind == kind);

    /// <summary>Checks a sheet of answers and gives it in its stored form.</summary>
    /// <exception cref="RuleViolationException">It does not answer this task's questions.</exception>
    public string Accept(IReadOnlyDictionary<string, string> values, ItemShape shape) => QuestionForm.Accept(Questions, values, shape);

    /// <exception cref="RuleViolationException">It takes no answers now.</exception>
    public void MustTakeAnswersOf(string userId)
    {
        if (ClosedAt is not null)
        {
            throw new RuleViolationException("This task is closed.");
        }

        if (PausedAt is not null)
        {
            throw new RuleViolationException("This task is paused. What you typed is kept; send it when the lead goes on.");
        }

        if (!Assignees.Contains(userId))
        {
            throw new RuleViolationException("This task is not assigned to you.");
        }
    }

    /// <summary>Writes the next version of the guidelines.</summary>
    /// <exception cref="RuleViolationException">They are too long.</exception>
    public void WriteGuidelines(string markdown, string userId, DateTimeOffset now)
    {
        if (markdown.Length > MaxGuidelinesLength)
        {
            throw new RuleViolationException($"Guidelines have at most {MaxGuidelinesLength} characters; these have {markdown.Length}.");
        }

        GuidelinesVersion++;
        Guidelines.Add(new TaskGuidelines(Id, GuidelinesVersion, markdown, userId, now));
    }

    /// <summary>Changes the questions while nobody has answered, or their wording at any time.</summary>
    public void Ask(IReadOnlyList<Question> questions, bool isAnswered)
    {
        QuestionForm.Check(questions);
        var sameAnswers =
            questions.Count == Questions.Count
            && questions
                .Zip(
                    Questions,
                    (a, b) => a with { Text = "", Options = [] } == b with { Text = "", Options = [] } && a.Options.SequenceEqual(b.Options)
                )
                .All(same => same);
        if (isAnswered && !sameAnswers)
        {
            throw new RuleViolationException(
                "There are answers already, so only the wording of the questions can change. Make a new task for other questions."
            );
        }

        Questions = [.. questions];
        QuestionsVersion++;
    }

    /// <summary>Changes how items are handed out from now on.</summary>
    public void Follow(TaskRules rules)
    {
        rules.Check(Assignees.Count);
        if (rules.Overlap != Rules.Overlap)
        {
            throw new RuleViolationException(
                "How many people answer each item is fixed when a task is made; ask further annotators by rule instead."
            );
        }

        Rules = rules;
    }

    /// <summary>Notes which rows it took, as JSON.</summary>
    public void TakeRows(string filter) => Filter = filter;

    /// <summary>Replaces the people; those left out keep what they answered and get nothing new.</summary>
    /// <exception cref="RuleViolationException">There are fewer people than answers wanted of each item.</exception>
    public void Assign(IEnumerable<string> people)
    {
        Assignees = [.. people.Distinct()];
        Rules.Check(Assignees.Count);
    }

    /// <summary>Takes no answers until it is resumed; leases go on.</summary>
    /// <exception cref="RuleViolationException">It is paused or closed already.</exception>
    public void Pause(DateTimeOffset now) =>
        PausedAt = IsOpen ? now : throw new RuleViolationException("This task is paused or closed already.");

    /// <summary>Takes answers again.</summary>
    /// <exception cref="RuleViolationException">It is not paused, or is closed.</exception>
    public void Resume() =>
        PausedAt = PausedAt is not null && ClosedAt is null ? null : throw new RuleViolationException("This task is not paused.");

    /// <summary>Ends it for good: no answers are taken any more.</summary>
    /// <exception cref="RuleViolationException">It is closed already.</exception>
    public void Close(DateTimeOffset now)
    {
        if (ClosedAt is not null)
        {
            throw new RuleViolationException("This task is already closed.");
        }

        ClosedAt = now;
    }
}

/// <summary>One version of what people work by, in Markdown.</summary>
public sealed class TaskGuidelines
{
    /// <summary>Of the version alone; it is found by task and number.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>With <see cref="Number"/> unique.</summary>
    public Guid TaskId { get; private set; }

    /// <summary>1, 2, 3, … within the task.</summary>
    public int Number { get; private set; }

    /// <summary>What people are shown; may be empty.</summary>
    public string Markdown { get; private set; } = "";

    /// <summary>User id of the author of this version.</summary>
    public string WrittenBy { get; private set; } = "";

    /// <summary>When it was written, from when on it is the version in force until the next.</summary>
    public DateTimeOffset WrittenAt { get; private set; }

    private TaskGuidelines() { }

    internal TaskGuidelines(Guid taskId, int number, string markdown, string userId, DateTimeOffset now) =>
        (TaskId, Number, Markdown, WrittenBy, WrittenAt) = (taskId, number, markdown, userId, now);
}
