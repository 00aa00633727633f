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
        string? next;
        try
        {
            next = await action(HttpContext.RequestAborted);
        }
        catch (Exception ex) when (RefusalHandler.StatusOf(ex) is not null)
        {
            Error = RefusalHandler.SentenceOf(ex);
            if (ex is TooManyTriesException tries)
            {
                RefusalHandler.TellToWait(HttpContext.Response, tries);
            }

            return;
        }

        Navigation.NavigateTo(LocalOrHome(next));
    }

    /// <summary>Only addresses of this server: a link must not carry people elsewhere after sign-in.</summary>
    private static string LocalOrHome(string? url) =>
        url is ['/', ..] && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal) ? url : "/";
}
