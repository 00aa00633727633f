using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Access;

/// <summary>
/// One authorised use case: a database context, who asks, and the audit entries that are written in the same transaction
/// as the changes.
/// </summary>
/// <param name="standsInFor">User ids of the leads in whose place the caller approves in this project; null for none.</param>
public sealed class ProjectWork(
    AppDb db,
    Caller caller,
    Guid? projectId,
    ProjectRole? role,
    DateTimeOffset now,
    ReadLog reads,
    IReadOnlyList<string>? standsInFor = null
) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions s_auditJson = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public AppDb Db => db;
    public Caller Caller => caller;
    public Guid ProjectId => projectId ?? throw new InvalidOperationException("This use case belongs to no project.");
    public ProjectRole Role => role ?? throw new InvalidOperationException("This use case belongs to no project.");
    public DateTimeOffset Now => now;

    /// <summary>User ids of the leads in whose place the caller approves.</summary>
    public IReadOnlyList<string> StandsInFor => standsInFor ?? [];

    /// <summary>Whether the caller may do something here, by the own role or in a lead's place.</summary>
    public bool Allows(Permission permission) => Role.Allows(permission) || (StandsInFor.Count > 0 && Deputy.May(permission));

    /// <summary>Notes what is done, to what, with the values before and after. Never put rows of datasets in here.</summary>
    public void Audit(string action, object subject, object? before = null, object? after = null) =>
        AuditIn(projectId, action, subject, before, after);

    /// <summary>As <see cref="Audit"/>, for a use case that makes or enters the project it writes about.</summary>
    public void AuditIn(Guid? project, string action, object subject, object? before = null, object? after = null) =>
        db.Audit.Add(new AuditEntry(now, caller.UserId, caller.Name, project, action, subject.ToString() ?? "", Json(before), Json(after)));

    /// <summary>
    /// Notes that people's data is read: rows, items, answers; the same again and again once in a while. Before it is read: what can't be
    /// noted isn't shown.
    /// </summary>
    public async Task NoteReadAsync(string action, object subject, CancellationToken cancellationToken)
    {
        var name = subject.ToString() ?? "";
        if (reads.WasNoted(caller.UserId, action, name, now))
        {
            return;
        }

        Audit(action, name);
        await SaveAsync(cancellationToken);
        reads.Remember(caller.UserId, action, name, now);
    }

    /// <summary>Notes that this use case was refused, and nothing else of what it was about to change.</summary>
    public async Task RefuseAsync(string action, object subject, RuleViolationException refusal, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        Audit(action, subject, null, new { Reason = refusal.Message });
        await SaveAsync(cancellationToken);
    }

    /// <exception cref="ConflictException">Somebody else changed the same thing since it was read.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException ex)
        {
            throw Conflict(ex);
        }
        catch (DbUpdateException ex)
            when (ex.InnerException is Microsoft.Data.Sqlite.SqliteException { SqliteExtendedErrorCode: 2067 or 1555 })
        {
            throw Conflict(ex); // a unique index: two people made the same thing at once
        }
    }

    public ValueTask DisposeAsync() => db.DisposeAsync();

    private static ConflictException Conflict(Exception cause) =>
        new("Somebody else changed this a moment ago. Load the page again and look before you repeat it.", cause);

    private static string? Json(object? value) => value is null ? null : JsonSerializer.Serialize(value, s_auditJson);
}
