namespace WebTrainer.Domain.Datasets;

public enum SavedItemKind
{
    /// <summary>How rows of files of one kind are read.</summary>
    Mapping,

    /// <summary>Which rows of a dataset to show.</summary>
    Filter,

    /// <summary>Steps of cleaning.</summary>
    Recipe,
}

/// <summary>Something that people of a project gave a name, to use it again.</summary>
public sealed class SavedItem
{
    public const int MaxNameLength = 100;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public SavedItemKind Kind { get; private set; }
    public string Name { get; private set; } = "";
    public string Content { get; private set; } = "{}";
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    private SavedItem() { }

    public SavedItem(Guid projectId, SavedItemKind kind, string name, string content, string userId, DateTimeOffset now)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A name has 1 to {MaxNameLength} characters.");
        }

        ProjectId = projectId;
        Kind = kind;
        Name = name;
        CreatedBy = userId;
        Change(content, now);
    }

    public void Change(string content, DateTimeOffset now)
    {
        Content = content;
        CreatedAt = now;
    }
}
