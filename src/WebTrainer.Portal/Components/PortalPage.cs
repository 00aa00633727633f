using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Help;
using WebTrainer.Portal.Components.Layout;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Components;

/// <summary>
/// Base of interactive pages: knows who looks, cancels its work when it is left, and shows refusals as a sentence
/// instead of breaking the page.
/// </summary>
public abstract class PortalPage : ComponentBase, IHandleEvent, IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();

    /// <summary>A press that comes longer after the first one's end is meant as a second.</summary>
    private static readonly TimeSpan s_samePress = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, (object? Thing, long At)> _made = [];
    private readonly HashSet<string> _started = [];
    private readonly List<Task> _loops = [];
    private bool _pressed;

    [CascadingParameter]
    public required Task<AuthenticationState> SignIn { get; set; }

    [CascadingParameter]
    public PageChrome? Chrome { get; set; }

    [Inject]
    public required ISnackbar Snackbar { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

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
    protected Task<bool> ActAsync(Func<Task> action, string? done = null) => ActAsync(action, () => done);

    private async Task<bool> ActAsync(Func<Task> action, Func<string?> done)
    {
        if (Busy)
        {
            return false;
        }

        Busy = true;
        try
        {
            await action();
            if (done() is { } sentence)
            {
                Snackbar.Add(sentence, Severity.Success);
            }

            return true;
        }
        catch (Exception ex) when (RefusalHandler.StatusOf(ex) is not null)
        {
            Snackbar.Add(RefusalHandler.SentenceOf(ex), Severity.Error, ShowRefusal);
            return false;
        }
        finally
        {
            Busy = false;
        }
    }

    // It stays until it is read, and leads to where the help speaks of this page.
    private void ShowRefusal(SnackbarOptions options)
    {
        options.RequireInteraction = true;
        if (Chrome?.HelpTopic is { } topic)
        {
            options.Action = "Help";
            options.OnClick = _ => HelpDialog.ShowAsync(Dialogs, topic);
        }
    }

    /// <summary>
    /// Makes something, once a form. People press twice, and the browser may send the second press before it shows what the first did,
    /// however soon that ended. Until something else happens on the page, or time goes by, the same command gives what the first press
    /// made, and makes nothing.
    /// </summary>
    /// <param name="show">What the page does with it, the second time too.</param>
    /// <param name="of">What it is made of, where the page can make it of several things.</param>
    protected Task<bool> OnceAsync<T>(
        Func<Task<T>> make,
        Func<T, Task> show,
        string? done = null,
        object? of = null,
        [CallerMemberName] string command = ""
    )
    {
        _pressed = true;
        var form = $"{command} {of}";
        var again = false;
        return ActAsync(
            async () =>
            {
                if (!_made.TryGetValue(form, out var made) || Stopwatch.GetElapsedTime(made.At) > s_samePress)
                {
                    _made[form] = made = (await make(), Stopwatch.GetTimestamp());
                }
                else
                {
                    again = true;
                }

                await show((T)made.Thing!);
            },
            () => again ? null : done
        );
    }

    /// <summary>The page that shows what was made.</summary>
    protected Task GoTo(string address)
    {
        Navigation.NavigateTo(address);
        return Task.CompletedTask;
    }

    /// <summary>As the other, for what gives nothing back.</summary>
    protected Task<bool> OnceAsync(
        Func<Task> make,
        Func<Task> show,
        string? done = null,
        object? of = null,
        [CallerMemberName] string command = ""
    ) =>
        OnceAsync(
            async () =>
            {
                await make();
                return true;
            },
            _ => show(),
            done,
            of,
            command
        );

    /// <summary>As <see cref="ComponentBase"/> does it; whatever is no press of <see cref="OnceAsync"/> makes the form a new one.</summary>
    Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem item, object? arg)
    {
        _pressed = false;
        var handled = item.InvokeAsync(arg);
        if (!_pressed && !Busy)
        {
            _made.Clear();
        }

        StateHasChanged();
        return handled.Status is TaskStatus.RanToCompletion or TaskStatus.Canceled ? Task.CompletedTask : ShowAfterAsync(handled);
    }

    private async Task ShowAfterAsync(Task handled)
    {
        try
        {
            await handled;
        }
        catch when (handled.IsCanceled)
        {
            return; // the page was left
        }

        StateHasChanged();
    }

    /// <summary>
    /// Starts a loop that keeps the page up to date until it is left; a loop that was started already is not started again.
    /// It runs on the circuit's own context (no lock, no InvokeAsync), and its exceptions reach the error boundary.
    /// </summary>
    protected void Follow(Func<Task> loop, [CallerArgumentExpression(nameof(loop))] string name = "")
    {
        if (_started.Add(name))
        {
            _loops.Add(RunAsync(loop));
        }
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
