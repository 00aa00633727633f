namespace WebTrainer.Domain.Datasets;

public enum DataJobKind
{
    Import,
    Clean,
    Split,
    Publish,

    /// <summary>Fetches what is new at a source, and imports it.</summary>
    Sync,
}

public enum DataJobState
{
    /// <summary>Waits or runs; after a restart of the portal it begins anew.</summary>
    Open,
    Done,
    Failed,
    Stopped,
}

/// <summary>Long work on datasets, as it is remembered over a restart: what was asked, by whom, and how it ended.</summary>
public sealed class DataJob
{
    public const int MaxTitleLength = 400;
    public const int MaxErrorLength = 2000;

    /// <summary>Beginnings after which it is given up: what ends the server each time must not do so for ever.</summary>
    public const int MaxAttempts = 3;

    public Guid Id { get; private set; }
    public Guid ProjectId { get; private set; }
    public DataJobKind Kind { get; private set; }

    /// <summary>The upload, version or source it reads, which must stay until it has ended.</summary>
    public Guid Subject { get; private set; }
    public string Title { get; private set; } = "";

    /// <summary>What was asked for, as JSON.</summary>
    public string Request { get; private set; } = "{}";
    public string CreatedBy { get; private set; } = "";
    public string CreatedByName { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public int Attempts { get; private set; }
    public DataJobState State { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public string? Error { get; private set; }

    /// <summary>The version it made; null while there is none, or where there was nothing new.</summary>
    public Guid? DatasetId { get; private set; }
    public int? VersionNumber { get; private set; }

    private DataJob() { }

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
