using Microsoft.AspNetCore.Components;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Account.Pages;

/// <summary>A plain form page without a circuit: cookies can be set only in an ordinary answer.</summary>
public abstract class AccountPage : ComponentBase
{
    [CascadingParameter]
    public required HttpContext HttpContext { get; set; }

    [Inject]
    public required AccountService Accounts { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected string? Error { get; private set; }

    /// <summary>Does what the form asks for and goes on to the local address it gives; a refusal is shown above the form.</summary>
    protected async Task SubmitAsync(Func<CancellationToken, Task<string?>> action)
    {
        string? next = null;
        if (await TryAsync(async cancellationToken => next = await action(cancellationToken)))
        {
            Navigation.NavigateTo(LocalAddress.OrHome(next));
        }
    }

    /// <summary>Does what the form asks for and stays on the page; a refusal is shown above the form.</summary>
    /// <returns>True when it was done.</returns>
    protected async Task<bool> TryAsync(Func<CancellationToken, Task> action)
    {
        try
        {
            await action(HttpContext.RequestAborted);
            return true;
        }
        catch (Exception ex) when (RefusalHandler.StatusOf(ex) is not null)
        {
            Error = RefusalHandler.SentenceOf(ex);
            if (ex is TooManyTriesException tries)
            {
                RefusalHandler.TellToWait(HttpContext.Response, tries);
            }

            return false;
        }
    }
}
