namespace WebTrainer.Domain.Audit;

/// <summary>
/// Ties an audit entry to the one before it. The database makes it with the entry, in the same statement; never changed, never deleted.
/// </summary>
public sealed class AuditSeal
{
    /// <summary>Of the entry that is sealed.</summary>
    public long EntryId { get; private set; }

    /// <summary>SHA-256 of the entry before; zeros for the first.</summary>
    public byte[] Previous { get; private set; } = [];

    /// <summary>SHA-256 over <see cref="Previous"/> and all that the entry holds.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>What only the server's keys make of <see cref="Hash"/>.</summary>
    public byte[] Mark { get; private set; } = [];

    /// <summary>Which keys made the mark.</summary>
    public string KeyId { get; private set; } = "";

    private AuditSeal() { }
}
