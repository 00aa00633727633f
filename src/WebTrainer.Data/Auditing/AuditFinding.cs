namespace WebTrainer.Data.Auditing;

/// <summary>What is wrong with the log.</summary>
public enum AuditFault
{
    /// <summary>An entry is not what was sealed.</summary>
    Changed,

    /// <summary>An entry is gone.</summary>
    Missing,

    /// <summary>An entry was put in past the portal.</summary>
    Unsealed,

    /// <summary>A seal doesn't follow the one before it: entries were swapped, or one was sealed anew.</summary>
    OutOfOrder,

    /// <summary>A seal was made by other keys than the server's.</summary>
    ForeignSeal,

    /// <summary>The log is shorter than it was when a head was signed.</summary>
    CutOff,

    /// <summary>The log doesn't begin as it did when a head was signed.</summary>
    OtherThanSigned,

    /// <summary>A head isn't signed by the server's keys, or is no head at all.</summary>
    ForeignHead,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="EntryId">The entry, or the first of those that it is about; null where it is about none.</param>
/// <param name="Sentence">What it is, for people.</param>
public sealed record AuditFinding(AuditFault Fault, long? EntryId, string Sentence);

/// <summary>What looking through the whole log gave.</summary>
/// <param name="Entries">Entries that are there.</param>
/// <param name="Heads">Signed heads that the log was held against.</param>
/// <param name="LastSigned">
/// Entry up to which a head is signed; null for no head. Of those after it the newest could be cut off unseen.
/// </param>
/// <param name="SealedLater">
/// The last entry that was written before the log was sealed; null where all were sealed as they were written.
/// </param>
/// <param name="Findings">The first of what is wrong, in the order of entries; empty for a whole log.</param>
/// <param name="MoreFindings">How many more there are.</param>
public sealed record AuditReport(
    long Entries,
    int Heads,
    long? LastSigned,
    long? SealedLater,
    IReadOnlyList<AuditFinding> Findings,
    long MoreFindings,
    TimeSpan Took
)
{
    public bool IsWhole => Findings.Count == 0;

    /// <summary>The outcome and how far it reaches, for people.</summary>
    public IEnumerable<string> Sentences()
    {
        var seconds = $"looked through in {Took.TotalSeconds:0.0} s";
        yield return IsWhole
            ? $"Of {Count(Entries, "entry", "entries")} each is as it was written, in its order, and none is missing; {seconds}."
            : $"The log is not as it was written: {Count(Findings.Count + MoreFindings, "thing is", "things are")} wrong in {Count(Entries, "entry", "entries")}; {seconds}.";
        yield return LastSigned is { } last
            ? $"It was held against {Count(Heads, "signed head", "signed heads")}, the last of which reaches to entry {last:N0}. Of entries after that one the newest could be cut off unseen."
            : "There is no signed head: entries at the end could be cut off unseen.";
        if (SealedLater is { } later)
        {
            yield return $"Entries up to {later:N0} were there before the log was sealed: what was changed in them before can't be seen.";
        }
    }

    private static string Count(long count, string one, string many) => $"{count:N0} {(count == 1 ? one : many)}";
}
