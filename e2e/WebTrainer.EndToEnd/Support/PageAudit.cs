using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd.Support;

/// <summary>
/// Watches the lead's browser: axe finds nothing serious, no script fails, nothing is loaded from elsewhere. Faults are gathered, so that
/// one run shows all.
/// </summary>
public sealed class PageAudit
{
    private readonly List<string> _faults = [];
    private readonly Person _person;
    private string _theme = "light";

    public PageAudit(Team team)
    {
        _person = team.Lead;
        var page = _person.Page;
        page.PageError += (_, error) => _faults.Add($"{page.Url}: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _faults.Add("console: " + message.Text);
            }
        };
        page.Request += (_, request) =>
        {
            if (
                !request.Url.StartsWith(team.Portal.Address, StringComparison.Ordinal)
                && !request.Url.StartsWith("data:", StringComparison.Ordinal)
            )
            {
                _faults.Add("asked elsewhere: " + request.Url);
            }
        };
    }

    public void AssertQuiet() => Assert.True(_faults.Count == 0, string.Join('\n', _faults));

    /// <summary>Opens a page and checks it in both themes.</summary>
    /// <param name="show">Write pictures for a person to look at.</param>
    public async Task GoAsync(string path, bool show = false)
    {
        await _person.GoAsync(path);
        await CheckAsync(path, show ? NameOf(path) : null);
    }

    /// <summary>Checks what is on the screen in both themes.</summary>
    /// <param name="picture">Name of a picture for a person to look at; null for none.</param>
    public async Task CheckAsync(string name, string? picture = null)
    {
        if (!await IsLoadedAsync())
        {
            _faults.Add(name + " is still loading");
        }

        await _person.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(hidden => hidden.open = true)");
        var (first, second) = (_theme, _theme == "light" ? "dark" : "light"); // each page begins with what the last one ended with
        await _person.UseThemeAsync(first);
        await CheckThemeAsync($"{name} {first}");
        await _person.UseThemeAsync(second);
        await CheckThemeAsync($"{name} {second}", coloursAlone: true);
        _theme = second;

        if (picture is not null)
        {
            await _person.ShowAsync(picture);
        }
    }

    /// <summary>Checks what is on the screen, as it is.</summary>
    /// <param name="coloursAlone">The page was checked whole in the other theme just now.</param>
    public async Task CheckThemeAsync(string name, bool coloursAlone = false) =>
        _faults.AddRange(await Accessibility.FaultsAsync(_person.Page, name, coloursAlone));

    private async Task<bool> IsLoadedAsync()
    {
        try
        {
            await Expect(_person.Page.Locator("[aria-busy=true]:not([role=progressbar]), [aria-label=Measuring]"))
                .ToHaveCountAsync(0, new() { Timeout = (float)Patience.Work.TotalMilliseconds });
            return true;
        }
        catch (PlaywrightException)
        {
            return false; // told with the page's path, beside the other faults
        }
    }

    /// <summary>The words of the address, with those of a tab; <c>one</c> for each id.</summary>
    private static string NameOf(string path)
    {
        var (address, query) = path.Split('?') is [var before, var behind] ? (before, behind) : (path, "");
        var words = address.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipWhile(part => part == "p" || Guid.TryParse(part, out _));
        var tab = query.StartsWith("tab=", StringComparison.Ordinal) ? "-" + query["tab=".Length..] : "";
        var columns = query.Contains("col=", StringComparison.Ordinal) ? "-columns" : "";
        return "page-" + string.Join('-', words.Select(part => Guid.TryParse(part, out _) ? "one" : part)) + tab + columns;
    }
}
