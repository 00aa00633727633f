using Microsoft.AspNetCore.Components;

namespace WebTrainer.Portal.Components;

/// <summary>A page of a project with a form that a reload doesn't empty.</summary>
/// <typeparam name="TDraft">All that can be set in the form.</typeparam>
public abstract class DraftPage<TDraft> : ProjectPage
    where TDraft : class
{
    private bool _taken;

    [Inject]
    public required FormDrafts Drafts { get; init; }

    /// <summary>The form shows what was set before the page was loaded anew.</summary>
    protected bool IsRestored { get; private set; }

    /// <summary>What is set; null while the form isn't shown.</summary>
    protected abstract TDraft? Draft { get; }

    private string Form => new Uri(Navigation.Uri).AbsolutePath;

    /// <summary>What was set here before; called once, while loading.</summary>
    protected async Task<TDraft?> RestoreAsync()
    {
        var draft = await Drafts.ReadAsync<TDraft>(Form, Left);
        IsRestored = draft is not null;
        return draft;
    }

    /// <summary>What was set has become something: the next form begins anew.</summary>
    protected async Task TakenAsync()
    {
        _taken = true;
        await Drafts.ForgetAsync(Form, Left);
    }

    /// <summary>What it was to become did not come of it: the form is shown again, and kept.</summary>
    protected void NotTaken() => _taken = false;

    protected async Task BeginAnewAsync()
    {
        await TakenAsync();
        Navigation.NavigateTo(Navigation.Uri, forceLoad: true);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (!Loaded || _taken || Draft is not { } draft)
        {
            return;
        }

        try
        {
            await Drafts.KeepAsync(Form, draft, Left);
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }
}
