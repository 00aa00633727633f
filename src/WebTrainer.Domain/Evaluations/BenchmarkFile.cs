namespace WebTrainer.Domain.Evaluations;

/// <summary>A published benchmark that a project's models can be asked: the file as it was uploaded, never changed.</summary>
public sealed class BenchmarkFile
{
    public const int MaxNameLength = 120;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>What it was recognised as.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>Of the stored file, lower-case hex.</summary>
    public string Sha256 { get; private set; } = "";
    public long Bytes { get; private set; }
    public int Questions { get; private set; }
    public string AddedBy { get; private set; } = "";
    public DateTimeOffset AddedAt { get; private set; }

    private BenchmarkFile() { }

    public BenchmarkFile(
        Guid projectId,
        string name,
        string kind,
        string sha256,
        long bytes,
        int questions,
        string addedBy,
        DateTimeOffset now
    )
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A benchmark's name has 1 to {MaxNameLength} characters.");
        }

        (ProjectId, Name, Kind, Sha256, Bytes, Questions, AddedBy, AddedAt) = (
            projectId,
            name,
            kind,
            sha256,
            bytes,
            questions,
            addedBy,
            now
        );
    }
}
