namespace WebTrainer.Domain.Datasets;

/// <summary>A file on its way in, chunk by chunk; what has arrived survives a restart.</summary>
public sealed class Upload
{
    /// <summary>In UTF-16 units, without folders.</summary>
    public const int MaxFileNameLength = 255;

    /// <summary>By which the chunks of the file are sent and the parts on disk are named.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose people may use the file.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>User id of who uploads it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>As the person's machine called it; shown, never used as a path.</summary>
    public string FileName { get; private set; } = "";

    /// <summary>Bytes that the file has in all, as announced; above 0.</summary>
    public long Length { get; private set; }

    /// <summary>When it was announced, before its first byte came.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Set when all bytes are here: SHA-256 of the file, under which the store keeps it.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Null while bytes are missing.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Licence and rights, as JSON of <see cref="SourceRights"/>; null while nobody has noted them.</summary>
    public string? Rights { get; private set; }

    private Upload() { }

    /// <summary>Announces a file; of its name only the part behind the last folder is kept.</summary>
    /// <param name="projectId">The project whose people may use it.</param>
    /// <param name="fileName">As the person's machine calls it, with or without folders.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="maxLength">The server's limit in bytes.</param>
    /// <param name="createdBy">User id of who uploads it.</param>
    /// <param name="now">When it is announced.</param>
    /// <exception cref="RuleViolationException">The name is missing or too long, or the file is empty or above the limit.</exception>
    public Upload(Guid projectId, string fileName, long length, long maxLength, string createdBy, DateTimeOffset now)
    {
        fileName = Path.GetFileName(fileName.Replace('\\', '/')).Trim();
        if (fileName.Length is 0 or > MaxFileNameLength)
        {
            throw new RuleViolationException($"A file's name has 1 to {MaxFileNameLength} characters.");
        }

        if (length <= 0)
        {
            throw new RuleViolationException($"{fileName} is empty. Choose a file with rows in it.");
        }

        if (length > maxLength)
        {
            throw new RuleViolationException($"{fileName} has {length / 1_000_000:N0} MB; the limit is {maxLength / 1_000_000:N0} MB.");
        }

        ProjectId = projectId;
        FileName = fileName;
        Length = length;
        CreatedBy = createdBy;
        CreatedAt = now;
    }

    /// <summary>Replaces what was noted.</summary>
    /// <param name="rights">JSON of <see cref="SourceRights"/>, checked by the caller.</param>
    public void NoteRights(string rights) => Rights = rights;

    /// <summary>Notes that all bytes are here and in the store.</summary>
    /// <param name="sha256">Of the whole file, lower-case hex.</param>
    /// <param name="now">When the last byte was here.</param>
    public void Complete(string sha256, DateTimeOffset now)
    {
        Sha256 = sha256;
        CompletedAt = now;
    }
}
