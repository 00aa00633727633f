namespace WebTrainer.Domain.Datasets;

/// <summary>What the work does; its request is read by this.</summary>
public enum DataJobKind
{
    /// <summary>Makes a version of an uploaded file.</summary>
    Import,

    /// <summary>Makes a version of what a recipe leaves of another.</summary>
    Clean,

    /// <summary>Makes a version dealt into train, validation and test.</summary>
    Split,

    /// <summary>Writes the files that workers read, after which the version never changes.</summary>
    Publish,

    /// <summary>Fetches what is new at a source, and imports it.</summary>
    Sync,

    /// <summary>Makes a version of a split one and the rows of another.</summary>
    Join,

    /// <summary>Makes a version of a split one and of rows that rules make of it.</summary>
    Make,

    /// <summary>Makes vectors of a version's rows and keeps them beside it; the version stays as it is.</summary>
    Embed,
}

/// <summary>Where the work stands; all but <see cref="Open"/> are final.</summary>
public enum DataJobState
{
    /// <summary>Waits or runs; after a restart of the portal it begins anew.</summary>
    Open,

    /// <summary>Ended well, with a version or with nothing new.</summary>
    Done,

    /// <summary>Ended by an error, or given up after <see cref="DataJob.MaxAttempts"/> beginnings.</summary>
    Failed,

    /// <summary>Ended by a person.</summary>
    Stopped,
}

/// <summary>Long work on datasets, as it is remembered over a restart: what was asked, by whom, and how it ended.</summary>
public sealed class DataJob
{
    /// <summary>Longer ones are cut, not refused.</summary>
    public const int MaxTitleLength = 400;

    /// <summary>Longer ones are cut, not refused.</summary>
    public const int MaxErrorLength = 2000;

    /// <summary>Beginnings after which it is given up: what ends the server each time must not do so for ever.</summary>
    public const int MaxAttempts = 3;

    /// <summary>By which its page and those who wait for it name it.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whose work it is; who sees that project sees it.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Decides how <see cref="Request"/> is read and what <see cref="Subject"/> is an id of.</summary>
    public DataJobKind Kind { get; private set; }

    /// <summary>The upload, version or source it reads, which must stay until it has ended.</summary>
    public Guid Subject { get; private set; }

    /// <summary>What is being done, as the page shows it.</summary>
    public string Title { get; private set; } = "";

    /// <summary>What was asked for, as JSON.</summary>
    public string Request { get; private set; } = "{}";

    /// <summary>User id of who asked for it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>Their name when they asked, under which it acts when they are gone or the server was restarted.</summary>
    public string CreatedByName { get; private set; } = "";

    /// <summary>When it was asked for, which is the order in which work is done.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>How often it was begun, restarts included; see <see cref="MaxAttempts"/>.</summary>
    public int Attempts { get; private set; }

    /// <summary>Only <see cref="DataJobState.Open"/> work is taken up again after a restart.</summary>
    public DataJobState State { get; private set; }

    /// <summary>Null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Why it failed or was stopped, in a sentence for who asked; null otherwise.</summary>
    public string? Error { get; private set; }

    /// <summary>The version it made; null while there is none, or where there was nothing new.</summary>
    public Guid? DatasetId { get; private set; }

    /// <summary>Number of the version it made within <see cref="DatasetId"/>; null where that is null.</summary>
    public int? VersionNumber { get; private set; }

    private DataJob() { }

    /// <summary>Notes work that is yet to begin; a title longer than <see cref="MaxTitleLength"/> is cut.</summary>
    public DataJob(
        Guid projectId,
        DataJobKind kind,
        Guid subject,
        string title,
        string request,
        string userId,
        string userName,
        DateTimeOffset now
    )
    {
        Id = Guid.CreateVersion7();
        ProjectId = projectId;
        Kind = kind;
        Subject = subject;
        Title = title.Length > MaxTitleLength ? title[..MaxTitleLength] : title;
        Request = request;
        CreatedBy = userId;
        CreatedByName = userName;
        CreatedAt = now;
    }

    /// <returns>False where it was begun too often already.</returns>
    public bool Begin() => ++Attempts <= MaxAttempts;

    /// <summary>In the transaction that records the version: a restart between the two would make it twice.</summary>
    public void Done(Guid? datasetId, int? versionNumber, DateTimeOffset now)
    {
        DatasetId = datasetId;
        VersionNumber = versionNumber;
        End(DataJobState.Done, now);
    }

    /// <summary>Ends it without a result; an error longer than <see cref="MaxErrorLength"/> is cut.</summary>
    /// <param name="error">Why, in a sentence for who asked.</param>
    /// <param name="stopped">A person ended it; it did not fail by itself.</param>
    /// <param name="now">When it ended.</param>
    public void Fail(string error, bool stopped, DateTimeOffset now)
    {
        Error = error.Length > MaxErrorLength ? error[..MaxErrorLength] : error;
        End(stopped ? DataJobState.Stopped : DataJobState.Failed, now);
    }

    private void End(DataJobState state, DateTimeOffset now)
    {
        State = state;
        EndedAt = now;
    }
}
