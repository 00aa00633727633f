namespace WebTrainer.Domain.Datasets;

/// <summary>Where a source's rows lie; its settings are read by this.</summary>
public enum SourceKind
{
    /// <summary>A file at an HTTP or HTTPS address.</summary>
    Web,

    /// <summary>Objects of an S3-compatible bucket.</summary>
    S3,

    /// <summary>A query on a PostgreSQL server.</summary>
    PostgreSql,

    /// <summary>A query on a MySQL or MariaDB server.</summary>
    MySql,

    /// <summary>A query on an SQLite file.</summary>
    Sqlite,

    /// <summary>A folder on this server that its administrator allows.</summary>
    Folder,

    /// <summary>A dataset of the Hugging Face hub, by name.</summary>
    HuggingFace,

    /// <summary>A command that speaks the Airbyte protocol, or a file of its messages.</summary>
    Airbyte,
}

/// <summary>Where rows come from again and again.</summary>
public sealed class DataSource
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>In UTF-16 units, before trimming.</summary>
    public const int MaxCronLength = 100;

    /// <summary>By which addresses, jobs and schedules name it; it stays when the source is changed.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose datasets it feeds.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Fixed when it is made; <see cref="Settings"/> are read by it.</summary>
    public SourceKind Kind { get; private set; }

    /// <summary>Address, query, folder: what isn't secret, as JSON.</summary>
    public string Settings { get; private set; } = "{}";

    /// <summary>Credentials, encrypted; null where there are none. Never shown again.</summary>
    public string? Secret { get; private set; }

    /// <summary>The dataset that its rows go into.</summary>
    public string DatasetName { get; private set; } = "";

    /// <summary>How its rows are read, as JSON; null to read them as they look.</summary>
    public string? Mapping { get; private set; }

    /// <summary>When to sync by itself, as a cron expression; null for never.</summary>
    public string? Schedule { get; private set; }

    /// <summary>What the last sync left for the next to go on from, as JSON.</summary>
    public string? State { get; private set; }

    /// <summary>When a sync last ended well; null before the first.</summary>
    public DateTimeOffset? SyncedAt { get; private set; }

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>Their name then; scheduled syncs are noted under it.</summary>
    public string CreatedByName { get; private set; } = "";

    /// <summary>When it was made; a change leaves it as it is.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    private DataSource() { }

    /// <summary>A source without a name and settings, which <see cref="Change"/> gives it before it is stored.</summary>
    public DataSource(Guid projectId, SourceKind kind, string userId, string userName, DateTimeOffset now)
    {
        ProjectId = projectId;
        Kind = kind;
        CreatedBy = userId;
        CreatedByName = userName;
        CreatedAt = now;
    }

    /// <summary>
    /// Sets all that isn't secret at once; with other settings <see cref="State"/> is forgotten and the next sync begins anew.
    /// </summary>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="settings">As JSON, checked by the caller; what is secret stands apart.</param>
    /// <param name="datasetName">Where rows go; the dataset is made where it isn't there yet.</param>
    /// <param name="mapping">How rows are read, as JSON; null to read them as they look.</param>
    /// <param name="schedule">A cron expression, checked by the caller; blank or null for never.</param>
    /// <exception cref="RuleViolationException">The name is empty or too long, or the schedule too long.</exception>
    public void Change(string name, string settings, string datasetName, string? mapping, string? schedule)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A source's name has 1 to {MaxNameLength} characters.");
        }

        if (schedule?.Length > MaxCronLength)
        {
            throw new RuleViolationException($"A schedule has at most {MaxCronLength} characters.");
        }

        Name = name;
        // Another address or query is another source: it begins anew.
        if (settings != Settings)
        {
            State = null;
        }

        Settings = settings;
        DatasetName = datasetName.Trim();
        Mapping = mapping;
        Schedule = string.IsNullOrWhiteSpace(schedule) ? null : schedule.Trim();
    }

    /// <summary>Sets the credentials; null forgets them.</summary>
    /// <param name="encrypted">Encrypted by the caller: plain text never comes here.</param>
    public void ChangeSecret(string? encrypted) => Secret = encrypted;

    /// <summary>Notes a sync that ended well.</summary>
    /// <param name="state">What the next goes on from; null to begin anew.</param>
    /// <param name="now">When it ended.</param>
    public void Synced(string? state, DateTimeOffset now)
    {
        State = state;
        SyncedAt = now;
    }
}
