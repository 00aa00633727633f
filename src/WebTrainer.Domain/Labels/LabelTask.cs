namespace WebTrainer.Domain.Labels;

public enum LabelKind
{
    /// <summary>Choose one of N labels.</summary>
    Choose,

    /// <summary>Give 1 to 5 points to the response.</summary>
    Rate,

    /// <summary>Write a better response.</summary>
    Rewrite,
}

/// <summary>Work for experts on the rows of a dataset version.</summary>
public sealed class LabelTask
{
    public const int MaxNameLength = 100;
    public const int MaxQuestionLength = 2000;
    public const int MaxOptions = 500;
    public const int MaxAnswersPerItem = 9;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public Guid DatasetVersionId { get; private set; }
    public string Name { get; private set; } = "";
    public LabelKind Kind { get; private set; }

    /// <summary>What the experts are asked, with the guidelines they work by.</summary>
    public string Question { get; private set; } = "";

    /// <summary>The labels of a <see cref="LabelKind.Choose"/> task.</summary>
    public List<string> Options { get; private set; } = [];

    /// <summary>How many people answer each item, independently of each other.</summary>
    public int AnswersPerItem { get; private set; }
    public List<string> Assignees { get; private set; } = [];
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? ClosedAt { get; private set; }

    private LabelTask()
    {
    }

    public LabelTask(
        Guid projectId,
        Guid datasetVersionId,
        string name,
        LabelKind kind,
        string question,
        IEnumerable<string> options,
        int answersPerItem,
        IEnumerable<string> assignees,
        string createdBy,
        DateTimeOffset now)
    {
        ProjectId = projectId;
        DatasetVersionId = datasetVersionId;
        Name = name.Trim();
        Kind = kind;
        Question = question.Trim();
        Options = kind == LabelKind.Choose ? [.. options.Select(o => o.Trim()).Where(o => o.Length > 0).Distinct()] : [];
        AnswersPerItem = answersPerItem;
        Assignees = [.. assignees.Distinct()];
        CreatedBy = createdBy;
        CreatedAt = now;
        Check();
    }

    private void Check()
    {
        if (Name.Length is 0 or > MaxNameLength)
            throw new RuleViolationException($"A task's name has 1 to {MaxNameLength} characters.");
        if (Question.Length is 0 or > MaxQuestionLength)
            throw new RuleViolationException($"Write the question that the experts answer, in at most {MaxQuestionLength} characters.");
        if (Kind == LabelKind.Choose && Options.Count is < 2 or > MaxOptions)
            throw new RuleViolationException($"A task to choose a label needs 2 to {MaxOptions} different labels.");
        if (Assignees.Count == 0)
            throw new RuleViolationException("Assign at least one person.");
        if (AnswersPerItem < 1 || AnswersPerItem > Math.Min(MaxAnswersPerItem, Assignees.Count))
            throw new RuleViolationException(
                $"Each item can be answered by 1 to {Math.Min(MaxAnswersPerItem, Assignees.Count)} people, since {Assignees.Count} are assigned.");
    }

    /// <summary>Checks an answer and gives it in its stored form.</summary>
    /// <exception cref="RuleViolationException">It does not answer this task's question.</exception>
    public string Accept(string value) => Kind switch
    {
        LabelKind.Choose when Options.Contains(value) => value,
        LabelKind.Choose => throw new RuleViolationException($"'{value}' is none of this task's labels."),
        LabelKind.Rate when value is "1" or "2" or "3" or "4" or "5" => value,
        LabelKind.Rate => throw new RuleViolationException("A rating is a number from 1 to 5."),
        LabelKind.Rewrite when !string.IsNullOrWhiteSpace(value) => value,
        _ => throw new RuleViolationException("Write the response before you go on."),
    };

    public void Close(DateTimeOffset now)
    {
        if (ClosedAt is not null)
            throw new RuleViolationException("This task is already closed.");
        ClosedAt = now;
    }
}
