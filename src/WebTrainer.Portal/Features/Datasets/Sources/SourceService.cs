using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets.Sources;

/// <summary>What somebody fills in of a source.</summary>
/// <param name="Secret">Null leaves the credentials as they are.</param>
/// <param name="Mapping">Null reads rows as they look.</param>
/// <param name="Schedule">A cron expression of Quartz, in the server's time; empty for never.</param>
public sealed record SourceForm(
    SourceKind Kind,
    string Name,
    SourceSettings Settings,
    SourceSecret? Secret,
    string DatasetName,
    ColumnMapping? Mapping = null,
    string? Schedule = null
);

/// <param name="HasSecret">Whether credentials are kept; they are never shown.</param>
/// <param name="Problem">Why it is not synced as it should be; null where it is.</param>
public sealed record DataSourceView(
    Guid Id,
    SourceKind Kind,
    string Name,
    SourceSettings Settings,
    bool HasSecret,
    string DatasetName,
    ColumnMapping? Mapping,
    string? Schedule,
    DateTimeOffset? SyncedAt,
    string? Problem
);

/// <summary>Sources of rows: kept, tried, synced.</summary>
public sealed class SourceService(
    Authorizer authorizer,
    SourceConnectors connectors,
    SourceSecrets secrets,
    SourceSchedules schedules,
    DatasetOperations operations
)
{
    public const int MaxOfProject = 100;

    /// <summary>Programs and folders that the administrator allows, for the form.</summary>
    public ConnectorOptions Allowed => connectors.Options;

    public async Task<IReadOnlyList<DataSourceView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var sources = await work
            .Db.DataSources.AsNoTracking()
            .Where(s => s.ProjectId == projectId)
            .OrderBy(s => s.Name)
            .ToListAsync(cancellationToken);
        return [.. sources.Select(source => View(source, work.Now))];
    }

    /// <summary>Keeps a new source, or changes one.</summary>
    public async Task<DataSourceView> SaveAsync(
        Caller caller,
        Guid projectId,
        Guid? sourceId,
        SourceForm form,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        Check(work, form);
        var source = sourceId is { } id ? await FindAsync(work, id, cancellationToken) : await NewAsync(work, form.Kind, cancellationToken);
        if (source.Kind != form.Kind)
        {
            throw new RuleViolationException("A source keeps its kind. Make another one.");
        }

        if (form.Secret is null && source.Secret is not null)
        {
            RefuseElsewhere(source, form);
        }

        source.Change(
            form.Name,
            RecipeJson.Write(form.Settings),
            form.DatasetName,
            form.Mapping is null ? null : RecipeJson.Write(form.Mapping),
            form.Schedule
        );
        if (form.Secret is not null)
        {
            source.ChangeSecret(secrets.Protect(source.Id, form.Secret));
        }

        work.Audit(
            sourceId is null ? "source.added" : "source.changed",
            source.Id,
            null,
            new
            {
                source.Name,
                source.Kind,
                source.DatasetName,
                source.Schedule,
                SecretChanged = form.Secret is not null,
            }
        );
        await work.SaveAsync(cancellationToken);
        await schedules.ApplyAsync(source, cancellationToken);
        return View(source, work.Now);
    }

    public async Task RemoveAsync(Caller caller, Guid projectId, Guid sourceId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var source = await FindAsync(work, sourceId, cancellationToken);
        work.Db.DataSources.Remove(source);
        work.Audit("source.removed", source.Id, new { source.Name, source.Kind });
        await work.SaveAsync(cancellationToken);
        await schedules.RemoveAsync(source.Id, cancellationToken);
    }

    /// <summary>Reaches what is filled in, without keeping it.</summary>
    /// <param name="sourceId">A kept source whose credentials are used where the form has none.</param>
    public async Task<string> TestAsync(Caller caller, Guid projectId, Guid? sourceId, SourceForm form, CancellationToken cancellationToken)
    {
        var secret = form.Secret ?? new SourceSecret();
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            Check(work, form);
            if (form.Secret is null && sourceId is { } id && await FindAsync(work, id, cancellationToken) is var kept)
            {
                RefuseElsewhere(kept, form);
                secret = secrets.Read(kept);
            }

            work.Audit("source.tested", sourceId?.ToString() ?? form.Name, null, new { form.Kind, Host = HostOf(form) });
            await work.SaveAsync(cancellationToken);
        }

        return await connectors.Of(form.Kind).TestAsync(form.Settings, secret, cancellationToken);
    }

    /// <summary>Fetches what is new and makes the next version of it.</summary>
    public async Task<DatasetOperation> StartSyncAsync(Caller caller, Guid projectId, Guid sourceId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var source = await FindAsync(work, sourceId, cancellationToken);
        if (operations.IsRead(source.Id))
        {
            throw new RuleViolationException($"{source.Name} is just being synced.");
        }

        return await operations.StartAsync(
            work,
            DataJobKind.Sync,
            source.Id,
            $"Sync {source.Name}",
            new SyncRequest(source.Id),
            cancellationToken
        );
    }

    /// <summary>Where it would be reached, without what its address may hold besides.</summary>
    private static string? HostOf(SourceForm form) =>
        Uri.TryCreate(form.Settings.Url, UriKind.Absolute, out var address) ? address.Host : null;

    /// <summary>Kept credentials go only where they were given for: nobody has them sent to a server of their own.</summary>
    private static void RefuseElsewhere(DataSource kept, SourceForm form)
    {
        if (kept.Kind != form.Kind || SettingsOf(kept)?.Url != form.Settings.Url)
        {
            throw new RuleViolationException("Give the credentials again to use them at another address.");
        }
    }

    private void Check(ProjectWork work, SourceForm form)
    {
        if (connectors.Of(form.Kind).Fault(form.Settings) is { } fault)
        {
            throw new RuleViolationException(fault);
        }

        _ = new Dataset(work.ProjectId, form.DatasetName, "", default); // refuses a bad name
        form.Mapping?.Check();
        if (!string.IsNullOrWhiteSpace(form.Schedule) && SourceSchedules.Fault(form.Schedule.Trim(), work.Now) is { } wrong)
        {
            throw new RuleViolationException(wrong);
        }
    }

    private static async Task<DataSource> NewAsync(ProjectWork work, SourceKind kind, CancellationToken cancellationToken)
    {
        if (await work.Db.DataSources.CountAsync(s => s.ProjectId == work.ProjectId, cancellationToken) >= MaxOfProject)
        {
            throw new RuleViolationException($"A project has at most {MaxOfProject} sources.");
        }

        var source = new DataSource(work.ProjectId, kind, work.Caller.UserId, work.Caller.Name, work.Now);
        work.Db.DataSources.Add(source);
        return source;
    }

    private static async Task<DataSource> FindAsync(ProjectWork work, Guid sourceId, CancellationToken cancellationToken) =>
        await work.Db.DataSources.SingleOrDefaultAsync(s => s.Id == sourceId && s.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such source in this project.");

    private DataSourceView View(DataSource source, DateTimeOffset now)
    {
        var (settings, mapping) = (
            SettingsOf(source),
            source.Mapping is { } text ? Stored.TryRead(() => RecipeJson.Read<ColumnMapping>(text)) : null
        );
        var damaged = settings is null || source.Mapping is not null && mapping is null;
        return new(
            source.Id,
            source.Kind,
            source.Name,
            settings ?? new SourceSettings(),
            source.Secret is not null,
            source.DatasetName,
            mapping,
            source.Schedule,
            source.SyncedAt,
            damaged
                ? "Its settings can't be read from the database, where they were damaged. Change it and fill them in again."
                : schedules.ProblemOf(source, now)
        );
    }

    private static SourceSettings? SettingsOf(DataSource source) => Stored.TryRead(() => RecipeJson.Read<SourceSettings>(source.Settings));
}
