namespace WebTrainer.Domain.Datasets;

/// <summary>How a version came to be.</summary>
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

    /// <summary>The rows of a split version, which keep their splits, with those of another added.</summary>
    Joined,

    /// <summary>The rows of a split version, which keep their splits, with rows that rules made of those to learn from.</summary>
    Made,
}

/// <summary>An immutable Parquet file of rows, and how it came to be.</summary>
public sealed class DatasetVersion
{
    /// <summary>Of <see cref="LeakReason"/>, in UTF-16 units.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>By which runs, tasks and rows' history name it; people say name and number.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The dataset's project, kept here too so that a version is guarded without its dataset.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>With <see cref="Number"/> unique.</summary>
    public Guid DatasetId { get; private set; }

    /// <summary>1, 2, 3, … within the dataset.</summary>
    public int Number { get; private set; }

    /// <summary>How it came to be; decides whether it can be published and how <see cref="Recipe"/> is read.</summary>
    public VersionKind Kind { get; private set; }

    /// <summary>SHA-256 of the Parquet file: its name in the store.</summary>
    public string Sha256 { get; private set; } = "";

    /// <summary>Rows of the file, over all splits.</summary>
    public long Rows { get; private set; }

    /// <summary>Size of the Parquet file.</summary>
    public long Bytes { get; private set; }

    /// <summary>The file it was read from; null for versions made of other versions.</summary>
    public Guid? UploadId { get; private set; }

    /// <summary>Versions it was made from.</summary>
    public List<Guid> Parents { get; private set; } = [];

    /// <summary>How it was made (mapping, shares and seed, labeling task), as JSON.</summary>
    public string Recipe { get; private set; } = "{}";

    /// <summary>What was found while making it (broken rows, leaks, counts), as JSON.</summary>
    public string Report { get; private set; } = "{}";

    /// <summary>User id of who made it, or asked for the work that did.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When its file was written; publishing has a time of its own.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The files that workers read, as JSON of <c>DatasetFiles</c>; set once, by publishing.</summary>
    public string? Snapshot { get; private set; }

    /// <summary>Null while no run may use it.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>User id of who published it.</summary>
    public string? PublishedBy { get; private set; }

    /// <summary>Rows that stand among those they are judged by; null where nobody looked.</summary>
    public long? LeakRows { get; private set; }

    /// <summary>Which rows leak and into what, as JSON.</summary>
    public string? Leaks { get; private set; }

    /// <summary>Why runs may use it although rows leak, in a lead's words.</summary>
    public string? LeakReason { get; private set; }

    /// <summary>User id of the lead who wrote <see cref="LeakReason"/>.</summary>
    public string? LeakReasonBy { get; private set; }

    /// <summary>Null while <see cref="LeakReason"/> is.</summary>
    public DateTimeOffset? LeakReasonAt { get; private set; }

    /// <summary>Rows in which personal data was found; null where nobody looked.</summary>
    public long? PersonalRows { get; private set; }

    /// <summary>The last audit of labels by groups, as JSON.</summary>
    public string? BiasReport { get; private set; }

    /// <summary>Null where it was not read along.</summary>
    public Dataset? Dataset { get; private set; }

    private DatasetVersion() { }

    /// <summary>Notes a Parquet file that is in the store already.</summary>
    /// <param name="dataset">The line that it is the next of.</param>
    /// <param name="number">The dataset's next; the caller sees to it that there are no gaps and no doubles.</param>
    /// <param name="kind">How it came to be.</param>
    /// <param name="sha256">Of the Parquet file, lower-case hex.</param>
    /// <param name="rows">Over all splits.</param>
    /// <param name="bytes">Size of the Parquet file.</param>
    /// <param name="createdBy">User id of who made it, or asked for the work that did.</param>
    /// <param name="now">When the file was written.</param>
    public DatasetVersion(
        Dataset dataset,
        int number,
        VersionKind kind,
        string sha256,
        long rows,
        long bytes,
        string createdBy,
        DateTimeOffset now
    )
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

    /// <summary>Notes where it comes from, before it is stored.</summary>
    /// <returns>The same version.</returns>
    public DatasetVersion MadeFrom(Guid? uploadId, IEnumerable<Guid> parents, string recipe, string report)
    {
        UploadId = uploadId;
        Parents = [.. parents];
        Recipe = recipe;
        Report = report;
        return this;
    }

    /// <summary>Replaces what was found before; a lead's reason stays.</summary>
    /// <param name="rows">0 where somebody looked and none leak.</param>
    /// <param name="report">As JSON.</param>
    public void NoteLeaks(long rows, string report)
    {
        LeakRows = rows;
        Leaks = report;
    }

    /// <summary>Replaces what was found before.</summary>
    /// <param name="rows">0 where all rows were looked at and none holds personal data.</param>
    public void NotePersonalData(long rows) => PersonalRows = rows;

    /// <summary>Replaces the last audit's report.</summary>
    public void NoteBias(string report) => BiasReport = report;

    /// <summary>A lead answers for using rows that leak.</summary>
    /// <exception cref="RuleViolationException">No leaks were found, or the reason is blank or too long.</exception>
    public void AcceptLeaks(string reason, string userId, DateTimeOffset now)
    {
        if (LeakRows is null or 0)
        {
            throw new RuleViolationException("No leaks were found in this version, so there is nothing to answer for.");
        }

        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength)
        {
            throw new RuleViolationException($"Say why runs may use it all the same, in at most {MaxReasonLength} characters.");
        }

        LeakReason = reason.Trim();
        LeakReasonBy = userId;
        LeakReasonAt = now;
    }

    /// <exception cref="RuleViolationException">Rows leak, and no lead has answered for it.</exception>
    public void CheckLeaks()
    {
        if (LeakRows > 0 && LeakReason is null)
        {
            throw new RuleViolationException(
                $"{LeakRows:N0} rows of this dataset version stand among those it is judged by, so results would look better than they are. Clean the leaks out, or a lead writes on the version's page why it may be used all the same."
            );
        }
    }

    /// <exception cref="RuleViolationException">It isn't split, or is published already.</exception>
    public void CheckCanBePublished()
    {
        if (Kind == VersionKind.Imported)
        {
            throw new RuleViolationException(
                "Split this version into train, validation and test first; only a split version can be published."
            );
        }

        if (PublishedAt is not null)
        {
            throw new RuleViolationException("This version is already published, and a published version never changes.");
        }
    }

    /// <summary>Makes it usable by runs; from then on it never changes.</summary>
    /// <param name="snapshot">JSON of <c>DatasetFiles</c>.</param>
    /// <param name="userId">User id of who publishes it.</param>
    /// <param name="now">When it is published.</param>
    /// <exception cref="RuleViolationException">As of <see cref="CheckCanBePublished"/>.</exception>
    public void Publish(string snapshot, string userId, DateTimeOffset now)
    {
        CheckCanBePublished();
        Snapshot = snapshot;
        PublishedBy = userId;
        PublishedAt = now;
    }
}
