using Microsoft.JSInterop;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// The keys of a page on which one works by keys. The browser's script hears and numbers them and calls the page's <c>KeyAsync</c>, so that
/// none is lost or done twice.
/// </summary>
internal sealed class BrowserKeys<TPage>(IJSRuntime js, TPage page)
    where TPage : class
{
    private readonly DotNetObjectReference<TPage> _page = DotNetObjectReference.Create(page);

    /// <param name="resumes">What an earlier load of the page left goes out; else it is forgotten, where it would mean something else by
    /// now.</param>
    /// <returns>By command, the key that this browser's person has chosen for it.</returns>
    public async Task<IReadOnlyDictionary<string, string>> StartAsync(
        string userId,
        IReadOnlyCollection<KeyBinding> keys,
        int idleSeconds,
        bool resumes,
        CancellationToken cancellationToken
    )
    {
        var bindings = keys.Select(k => new { k.Command, k.Key });
        var own = await js.InvokeAsync<Dictionary<string, string>?>(
            "webTrainer.labeling.start",
            cancellationToken,
            _page,
            userId,
            bindings,
            idleSeconds,
            resumes
        );
        return own is { Count: > 0 } ? own : keys.ToDictionary(k => k.Command, k => k.Key);
    }

    /// <summary>Puts the cursor where a question is answered in words.</summary>
    public async Task WriteAsync(string question, CancellationToken cancellationToken) =>
        await js.InvokeVoidAsync("webTrainer.labeling.write", cancellationToken, question);

    public async Task StopAsync()
    {
        try
        {
            await js.InvokeVoidAsync("webTrainer.labeling.stop");
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its keys with it.
        }

        _page.Dispose();
    }
}
