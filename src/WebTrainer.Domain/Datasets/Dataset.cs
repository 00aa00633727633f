namespace WebTrainer.Domain.Datasets;

/// <summary>A named line of versions, each made from the one before or from a file.</summary>
public sealed class Dataset
{
    public const int MaxNameLength = 100;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public string Name { get; private set; } = "";
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>What only people know of it (why it was made, of whom it speaks, who looks after it), as JSON.</summary>
    public string? Sheet { get; private set; }
    public List<DatasetVersion> Versions { get; } = [];

    private Dataset() { }

    public Dataset(Guid projectId, string name, string createdBy, DateTimeOffset now)
    {
        ProjectId = projectId;
        CreatedBy = createdBy;
        CreatedAt = now;
        Rename(name);
    }

    public void Describe(string sheet) => Sheet = sheet;

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
