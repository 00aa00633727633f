using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>An act with what it was done to.</summary>
/// <param name="Subject">Null where it is gone, or never had a name.</param>
public sealed record AuditLine(AuditEntry Entry, AuditSubject? Subject)
{
    public string SubjectName =>
        Subject?.Name ?? (Guid.TryParse(Entry.Subject, out _) ? $"what is gone ({Entry.Subject[..8]})" : Entry.Subject);

    /// <summary>Without who did it: "approved run 3 · tickets".</summary>
    public string Sentence => AuditWords.Of(Entry.Action).Replace(AuditWords.Subject, SubjectName, StringComparison.Ordinal);
}

/// <param name="People">Who did anything at all, for the filter.</param>
public sealed record AuditPage(IReadOnlyList<AuditLine> Lines, int Total, IReadOnlyList<string> People);

/// <summary>Reads the audit log: a lead that of the project, an administrator that of the server.</summary>
public sealed class AuditLog(Authorizer authorizer)
{
    public const int MaxPageSize = 200;
    private const int ExportBatch = 1000;
    private const int MostPeople = 500;

    /// <param name="projectId">Null: what belongs to the server and to no project.</param>
    public async Task<AuditPage> ReadAsync(
        Caller caller,
        Guid? projectId,
        AuditQuery query,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        await using var work = await OpenAsync(caller, projectId, cancellationToken);
        var all = work.Db.Audit.AsNoTracking().Where(e => e.ProjectId == projectId);
        var entries = query.Of(all);
        var page = await entries.OrderByDescending(e => e.Id).Skip(skip).Take(Math.Min(take, MaxPageSize)).ToListAsync(cancellationToken);
        return new AuditPage(
            await NamedAsync(work, page, cancellationToken),
            await entries.CountAsync(cancellationToken),
            await all.Select(e => e.UserName).Distinct().OrderBy(n => n).Take(MostPeople).ToListAsync(cancellationToken)
        );
    }

    /// <summary>All that is asked for, latest first, as rows of a table with their heading.</summary>
    public async IAsyncEnumerable<IReadOnlyList<string?>> ExportAsync(
        Caller caller,
        Guid? projectId,
        AuditQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var work = await OpenAsync(caller, projectId, cancellationToken);
        work.Audit("audit.exported", "", null, query);
        await work.SaveAsync(cancellationToken);
        yield return ["time", "who", "what", "action", "subject", "before", "after"];
        for (var before = long.MaxValue; ; )
        {
            var batch = await query
                .Of(work.Db.Audit.AsNoTracking().Where(e => e.ProjectId == projectId && e.Id < before))
                .OrderByDescending(e => e.Id)
                .Take(ExportBatch)
                .ToListAsync(cancellationToken);
            foreach (var line in await NamedAsync(work, batch, cancellationToken))
            {
                var entry = line.Entry;
                yield return
                [
                    entry.At.ToString("O"),
                    entry.UserName,
                    line.Sentence,
                    entry.Action,
                    entry.Subject,
                    entry.Before,
                    entry.After,
                ];
            }

            if (batch.Count < ExportBatch)
            {
                yield break;
            }

            before = batch[^1].Id;
        }
    }

    private Task<ProjectWork> OpenAsync(Caller caller, Guid? projectId, CancellationToken cancellationToken) =>
        projectId is { } id
            ? authorizer.OpenAsync(caller, id, Permission.ManageMembers, cancellationToken)
            : authorizer.OpenAdminAsync(caller, cancellationToken);

    private static async Task<IReadOnlyList<AuditLine>> NamedAsync(
        ProjectWork work,
        IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken
    )
    {
        var names = await AuditSubjects.NamesAsync(work, entries.Select(e => e.Subject), cancellationToken);
        return [.. entries.Select(e => new AuditLine(e, names.GetValueOrDefault(e.Subject)))];
    }
}
