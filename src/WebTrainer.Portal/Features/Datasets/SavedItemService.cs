using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <param name="Content">As its page wrote it.</param>
public sealed record SavedView(Guid Id, string Name, string Content);

/// <summary>Mappings, filters and recipes that people gave a name, for everybody in the project.</summary>
public sealed class SavedItemService(Authorizer authorizer)
{
    private const int MaxSaved = 200;
    private const int MaxSavedLength = 2_000_000;

    public async Task<IReadOnlyList<SavedView>> SavedAsync(
        Caller caller,
        Guid projectId,
        SavedItemKind kind,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return await work
            .Db.SavedItems.AsNoTracking()
            .Where(i => i.ProjectId == projectId && i.Kind == kind)
            .OrderBy(i => i.Name)
            .Select(i => new SavedView(i.Id, i.Name, i.Content))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Keeps something under a name; what had the name is replaced.</summary>
    public async Task SaveItemAsync(
        Caller caller,
        Guid projectId,
        SavedItemKind kind,
        string name,
        string content,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        if (content.Length > MaxSavedLength)
        {
            throw new RuleViolationException($"What is kept has at most {MaxSavedLength:N0} characters.");
        }

        var item = new SavedItem(projectId, kind, name, content, caller.UserId, work.Now);
        if (
            await work.Db.SavedItems.SingleOrDefaultAsync(
                i => i.ProjectId == projectId && i.Kind == kind && i.Name == item.Name,
                cancellationToken
            ) is
            { } existing
        )
        {
            existing.Change(content, work.Now);
        }
        else if (await work.Db.SavedItems.CountAsync(i => i.ProjectId == projectId, cancellationToken) >= MaxSaved)
        {
            throw new RuleViolationException($"A project keeps at most {MaxSaved} mappings, filters and recipes. Remove one first.");
        }
        else
        {
            work.Db.SavedItems.Add(item);
        }

        work.Audit("dataset.item-saved", item.Name, null, new { kind });
        await work.SaveAsync(cancellationToken);
    }

    public async Task RemoveItemAsync(Caller caller, Guid projectId, Guid itemId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var item =
            await work.Db.SavedItems.SingleOrDefaultAsync(i => i.Id == itemId && i.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("It is not kept any more.");
        work.Db.SavedItems.Remove(item);
        work.Audit("dataset.item-removed", item.Name, new { item.Kind });
        await work.SaveAsync(cancellationToken);
    }
}
