using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Proof;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>Has the audit log prove that nobody changed it, and erases what a project's entries tell.</summary>
public sealed class AuditProof(Authorizer authorizer, DataFolder folder, ProofKeys keys, AuditFiles files)
{
    private int _running;

    /// <summary>What lies in the data folder of that by which the log is proved, for people; null where nothing does.</summary>
    public string? BesideTheLog =>
        (IsInDataFolder(files.Keys) && files.KeysText is not { Length: > 0 }, IsInDataFolder(files.Heads)) switch
        {
            (true, true) =>
                "Keys and signed heads lie in the data folder, with the log: who can write to all of it can forge all of it, or put it back to an earlier state. Audit:KeysFile and Audit:HeadsFile put them elsewhere.",
            (true, false) =>
                "The keys lie in the data folder, with the log: who can read all of it can forge entries. Audit:KeysFile puts them elsewhere.",
            (false, true) =>
                "The signed heads lie in the data folder, with the log: who puts all of it back to an earlier state puts them back too. Audit:HeadsFile puts them elsewhere.",
            _ => null,
        };

    /// <summary>Looks through the whole log of the server; what it says names entries by their number alone.</summary>
    /// <param name="projectId">The project whose lead asks; null for an administrator.</param>
    /// <exception cref="RuleViolationException">It is being looked through already.</exception>
    public async Task<AuditReport> VerifyAsync(Caller caller, Guid? projectId, CancellationToken cancellationToken)
    {
        await using var work = projectId is { } id
            ? await authorizer.OpenAsync(caller, id, Permission.ManageMembers, cancellationToken)
            : await authorizer.OpenAdminAsync(caller, cancellationToken);
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            throw new RuleViolationException("The audit log is being checked already. Wait until that has ended.");
        }

        AuditReport report;
        try
        {
            report = await Task.Run(
                () => AuditVerifier.Verify(folder.Database, keys, files.OpenHeads(), cancellationToken),
                cancellationToken
            );
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }

        work.Audit("audit.verified", "", null, new { report.Entries, Wrong = report.Findings.Count + report.MoreFindings });
        await work.SaveAsync(cancellationToken);
        return report;
    }

    /// <summary>
    /// Deletes the key of a project's details: what its entries told of values before and after is gone for good, here; copies of the
    /// database keep it. That there were such acts, by whom and when stays, and the log stays whole.
    /// </summary>
    public async Task EraseDetailsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAdminAsync(caller, cancellationToken);
        if (!await work.Db.Projects.AnyAsync(p => p.Id == projectId, cancellationToken))
        {
            throw new NotFoundException("There is no such project.");
        }

        await work.Db.Database.OpenConnectionAsync(cancellationToken);
        await work.Db.Database.ExecuteSqlRawAsync("PRAGMA secure_delete=ON", cancellationToken); // or the key stays in the file's free pages
        await using (var transaction = await work.Db.Database.BeginTransactionAsync(cancellationToken))
        {
            await work.Db.AuditKeys.Where(key => key.ProjectId == projectId).ExecuteDeleteAsync(cancellationToken);
            work.Audit("audit.details-erased", projectId);
            await work.SaveAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await work.Db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", CancellationToken.None);
    }

    private bool IsInDataFolder(string path) => path.StartsWith(folder.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
