namespace WebTrainer.Domain.Evaluations;

/// <summary>A published benchmark that a project's models can be asked: the file as it was uploaded, never changed.</summary>
public sealed class BenchmarkFile
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 120;

    /// <summary>By which evaluations name it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose models can be asked it.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What it was recognised as.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>Of the stored file, lower-case hex.</summary>
    public string Sha256 { get; private set; } = "";

    /// <summary>Size of the stored file.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many questions were found in the file when it was read.</summary>
    public int Questions { get; private set; }

    /// <summary>User id of who uploaded it.</summary>
    public string AddedBy { get; private set; } = "";

    /// <summary>When it was uploaded, by the server's clock.</summary>
    public DateTimeOffset AddedAt { get; private set; }

    private BenchmarkFile() { }

    /// <summary>Notes a file that is in the store already.</summary>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long.</exception>
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
