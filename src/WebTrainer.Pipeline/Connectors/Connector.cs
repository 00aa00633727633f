namespace WebTrainer.Pipeline.Connectors;

/// <summary>Where to look and for what; each kind of source uses some of these.</summary>
public sealed record SourceSettings
{
    /// <summary>Address of a file (web), or of an S3-compatible server.</summary>
    public string Url { get; init; } = "";

    /// <summary>Name of the bucket (S3).</summary>
    public string Bucket { get; init; } = "";

    /// <summary>Beginning of the names of objects (S3).</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Region that requests are signed for (S3); servers other than Amazon's mostly take any.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>A SELECT (databases).</summary>
    public string Query { get; init; } = "";

    /// <summary>
    /// Column of the query that only grows: the next sync takes what came since, rows with the last value too that came late. Empty asks
    /// for all rows each time.
    /// </summary>
    public string Cursor { get; init; } = "";

    /// <summary>Folder, or file of SQLite or of Airbyte messages, on this server.</summary>
    public string Path { get; init; } = "";

    /// <summary>Names of files that count, with * and ?.</summary>
    public string Pattern { get; init; } = "*";

    /// <summary>Name of a dataset on the hub, as <c>owner/name</c>.</summary>
    public string Dataset { get; init; } = "";

    /// <summary>Configuration and split of a dataset on the hub; empty for the first.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Split of a dataset on the hub.</summary>
    public string Split { get; init; } = "train";

    /// <summary>Which of the server's Airbyte programs to run.</summary>
    public string Command { get; init; } = "";

    /// <summary>Stream of an Airbyte source; empty for the first.</summary>
    public string Stream { get; init; } = "";
}

/// <summary>What lets one in; each kind of source uses some of these. Kept encrypted, never shown again.</summary>
public sealed record SourceSecret
{
    /// <summary>Value of the Authorization header (web), or a token of the hub.</summary>
    public string Token { get; init; } = "";

    /// <summary>Id of the key that requests are signed by (S3); empty asks without signature.</summary>
    public string AccessKey { get; init; } = "";

    /// <summary>The key itself (S3).</summary>
    public string SecretKey { get; init; } = "";

    /// <summary>Connection string of a database.</summary>
    public string Connection { get; init; } = "";

    /// <summary>Configuration of an Airbyte source, as JSON.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Never the values: what is written into a log by mistake says nothing.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>A file that a sync fetched.</summary>
/// <param name="Path">In the folder that was given.</param>
/// <param name="Name">For people.</param>
public sealed record FetchedFile(string Path, string Name);

/// <summary>What a sync fetched.</summary>
/// <param name="Files">None where nothing is new.</param>
/// <param name="State">From which the next sync goes on, as JSON; null where there is none.</param>
/// <param name="Adds">Whether the rows come in addition to those of earlier syncs, or instead of them.</param>
public sealed record Fetched(IReadOnlyList<FetchedFile> Files, string? State, bool Adds);

/// <summary>Fetches rows from one kind of source.</summary>
public interface IConnector
{
    /// <returns>What is wrong with the settings, in a sentence; null when they can be.</returns>
    string? Fault(SourceSettings settings);

    /// <summary>Reaches the source with these credentials and says what is there.</summary>
    /// <exception cref="DataProblemException">It can't be reached or read; the message says why, without secrets.</exception>
    Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken);

    /// <param name="state">What the last sync left; null for the first.</param>
    /// <param name="folder">An empty folder for files; the caller deletes it.</param>
    /// <exception cref="DataProblemException">As for <see cref="TestAsync"/>.</exception>
    Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    );
}
