namespace WebTrainer.Domain.Audit;

/// <summary>
/// Encrypts the details of a project's audit entries. Who deletes it erases them; the entries and their seals, which are over the encrypted
/// details, stay as they are.
/// </summary>
public sealed class AuditKey
{
    /// <summary>Given by the database and never given again; encrypted details name it.</summary>
    public long Id { get; private set; }

    /// <summary>Null for entries of no project.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>Which of the server's keys it is wrapped by.</summary>
    public string KeyId { get; private set; } = "";

    /// <summary>The key, encrypted.</summary>
    public byte[] Wrapped { get; private set; } = [];

    private AuditKey() { }
}
