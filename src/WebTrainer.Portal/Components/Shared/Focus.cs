using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace WebTrainer.Portal.Components.Shared;

public static class Focus
{
    /// <summary>Moves the focus to an element, unless it has left the page on the way there: then nobody misses it.</summary>
    public static async ValueTask FocusIfThereAsync(this ElementReference element)
    {
        try
        {
            await element.FocusAsync(preventScroll: true);
        }
        catch (Exception ex) when (ex is JSException or JSDisconnectedException or InvalidOperationException)
        {
            // Removed by a newer rendering, or the person left: not an error of the page.
        }
    }
}
