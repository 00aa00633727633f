using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Layout;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Components;

/// <summary>
/// Base of interactive pages: knows who looks, cancels its work when it is left, and shows refusals as a sentence
/// instead of breaking the page.
/// </summary>
public abstract class PortalPage : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();
    private readonly HashSet<string> _started = [];
    private readonly List<Task> _loops = [];

    [CascadingParameter]
    public required Task<AuthenticationState> SignIn { get; set; }

    [CascadingParameter]
    public PageChrome? Chrome { get; set; }

    [Inject]
    public required ISnackbar Snackbar { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>Who looks at the page; set before <see cref="LoadAsync"/>.</summary>
    protected Caller Caller { get; private set; } = null!;

    /// <summary>Ends when the page is left.</summary>
    protected CancellationToken Left => _left.Token;

    /// <summary>True once <see cref="LoadAsync"/> has ended well; before that the page shows a skeleton.</summary>
    protected bool Loaded { get; private set; }

    /// <summary>True while an action of <see cref="ActAsync"/> runs: its button is disabled.</summary>
    protected bool Busy { get; private set; }

    protected override async Task OnInitializedAsync() => Caller = Caller.From((await SignIn).User);

    protected override async Task OnParametersSetAsync()
    {
        await LoadAsync();
        Loaded = true;
    }

    /// <summary>Reads what the page shows; called again whenever its address changes. Exceptions reach the error boundary.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <summary>Does what a button asks for. A refusal is shown as its sentence, and nothing typed is lost.</summary>
    /// <returns>True when it was done.</returns>
    protected async Task<bool> ActAsync(Func<Task> action, string? done = null)
    {
        if (Busy)
            return false;
        Busy = true;
        try
        {
            await action();
            if (done is not null)
                Snackbar.Add(done, Severity.Success);
            return true;
        }
        catch (Exception ex) when (RefusalHandler.StatusOf(ex) is not null)
        {
            Snackbar.Add(RefusalHandler.SentenceOf(ex), Severity.Error, o => o.RequireInteraction = true);
            return false;
        }
        finally
        {
            Busy = false;
        }
    }

    /// <summary>
    /// Starts a loop that keeps the page up to date until it is left; a loop that was started already is not started again.
    /// It runs on the circuit's own context (no lock, no InvokeAsync), and its exceptions reach the error boundary.
    /// </summary>
    protected void Follow(Func<Task> loop, [CallerArgumentExpression(nameof(loop))] string name = "")
    {
        if (_started.Add(name))
            _loops.Add(RunAsync(loop));
    }

    private async Task RunAsync(Func<Task> loop)
    {
        // A loop whose first round is already there must not run inside the call that starts it: it may lead back here.
        await Task.Yield();
        try
        {
            await loop();
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The page was left: that is how such loops end.
        }
        catch (Exception ex) when (!Left.IsCancellationRequested)
        {
            await DispatchExceptionAsync(ex);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await LeaveAsync();
        await Task.WhenAll(_loops);
        _left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Last chance to await what the page started by itself.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;
}

/// <summary>A page below <c>/p/{ProjectId}</c>.</summary>
public abstract class ProjectPage : PortalPage
{
    [Parameter]
    public Guid ProjectId { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        Chrome?.Show(ProjectId);
        await base.OnParametersSetAsync();
    }

    /// <summary>Address of something in this project: <c>Link("runs/new")</c>.</summary>
    protected string Link(string path) => $"/p/{ProjectId}/{path}";
}
