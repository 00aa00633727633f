namespace WebTrainer.Domain.Datasets;

public enum VersionKind
{
    /// <summary>Rows of an uploaded file.</summary>
    Imported,

    /// <summary>The rows of another version, dealt into train, validation and test.</summary>
    Split,

    /// <summary>Approved answers of a labeling task.</summary>
    Labeled,

    /// <summary>The rows of another version that a recipe left, with what it changed in them; they keep their splits.</summary>
    Cleaned,
}

/// <summary>An immutable Parquet file of rows, and how it came to be.</summary>
public sealed class DatasetVersion
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public Guid DatasetId { get; private set; }

    /// <summary>1, 2, 3, … within the dataset.</summary>
    public int Number { get; private set; }
    public VersionKind Kind { get; private set; }

    /// <summary>SHA-256 of the Parquet file: its name in the store.</summary>
    public string Sha256 { get; private set; } = "";
    public long Rows { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>The file it was read from; null for versions made of other versions.</summary>
    public Guid? UploadId { get; private set; }

    /// <summary>Versions it was made from.</summary>
    public List<Guid> Parents { get; private set; } = [];

    /// <summary>How it was made (mapping, shares and seed, labeling task), as JSON.</summary>
    public string Recipe { get; private set; } = "{}";

    /// <summary>What was found while making it (broken rows, leaks, counts), as JSON.</summary>
    public string Report { get; private set; } = "{}";
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The files that workers read, as JSON of <c>DatasetFiles</c>; set once, by publishing.</summary>
    public string? Snapshot { get; private set; }
    public DateTimeOffset? PublishedAt { get; private set; }
    public string? PublishedBy { get; private set; }
    public Dataset? Dataset { get; private set; }

    private DatasetVersion()
    {
    }

    public DatasetVersion(
        Dataset dataset, int number, VersionKind kind, string sha256, long rows, long bytes, string createdBy, DateTimeOffset now)
    {
        ProjectId = dataset.ProjectId;
        DatasetId = dataset.Id;
        Number = number;
        Kind = kind;
        Sha256 = sha256;
        Rows = rows;
        Bytes = bytes;
        CreatedBy = createdBy;
        CreatedAt = now;
    }

    public DatasetVersion MadeFrom(Guid? uploadId, IEnumerable<Guid> parents, string recipe, string report)
    {
        UploadId = uploadId;
        Parents = [.. parents];
        Recipe = recipe;
        Report = report;
        return this;
    }

    public void Publish(string snapshot, string userId, DateTimeOffset now)
    {
        if (Kind == VersionKind.Imported)
            throw new RuleViolationException("Split this version into train, validation and test first; only a split version can be published.");
        if (PublishedAt is not null)
            throw new RuleViolationException("This version is already published, and a published version never changes.");
        Snapshot = snapshot;
        PublishedBy = userId;
        PublishedAt = now;
    }
}
