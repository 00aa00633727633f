namespace WebTrainer.Domain.Datasets;

/// <summary>A named line of versions, each made from the one before or from a file.</summary>
public sealed class Dataset
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>By which versions and addresses name it; it stays when the dataset is renamed.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The one project it is in, which never changes.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made, which is before its first version.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>What only people know of it (why it was made, of whom it speaks, who looks after it), as JSON.</summary>
    public string? Sheet { get; private set; }

    /// <summary>As far as they were read from the database; in no order of its own.</summary>
    public List<DatasetVersion> Versions { get; } = [];

    private Dataset() { }

    /// <summary>A dataset without versions.</summary>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long.</exception>
    public Dataset(Guid projectId, string name, string createdBy, DateTimeOffset now)
    {
        ProjectId = projectId;
        CreatedBy = createdBy;
        CreatedAt = now;
        Rename(name);
    }

    /// <summary>Replaces the whole sheet.</summary>
    /// <param name="sheet">As JSON, checked by the caller.</param>
    public void Describe(string sheet) => Sheet = sheet;

    /// <summary>Gives it another name; whether another dataset has it already is the caller's to check.</summary>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long.</exception>
    public void Rename(string name)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A dataset's name has 1 to {MaxNameLength} characters.");
        }

        Name = name;
    }
}
