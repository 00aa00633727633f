namespace WebTrainer.Domain.Datasets;

/// <summary>What was saved.</summary>
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
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Of the item alone; people find it by kind and name.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose people may use it.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Decides how <see cref="Content"/> is read; fixed when it is made.</summary>
    public SavedItemKind Kind { get; private set; }

    /// <summary>What people call it, trimmed; fixed when it is made.</summary>
    public string Name { get; private set; } = "";

    /// <summary>As JSON, read by <see cref="Kind"/>.</summary>
    public string Content { get; private set; } = "{}";

    /// <summary>User id of who first saved it; a later change leaves it as it is.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When its content was last written.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    private SavedItem() { }

    /// <summary>Saves something under a name.</summary>
    /// <param name="projectId">The project it is in.</param>
    /// <param name="kind">Decides how the content is read.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="content">As JSON, checked by the caller.</param>
    /// <param name="userId">User id of who saves it.</param>
    /// <param name="now">Counts as the time of its making until it is changed.</param>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long.</exception>
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

    /// <summary>Replaces the content; the time counts as that of its making.</summary>
    public void Change(string content, DateTimeOffset now)
    {
        Content = content;
        CreatedAt = now;
    }
}
