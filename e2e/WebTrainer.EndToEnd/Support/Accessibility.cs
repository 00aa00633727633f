using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd.Support;

/// <summary>What axe finds on a page that stands still.</summary>
public static class Accessibility
{
    private static readonly string[] s_serious = ["serious", "critical"];

    /// <summary>What another theme can change of a page that was checked whole.</summary>
    private static readonly AxeRunOptions s_colours = new()
    {
        RunOnly = new() { Type = "rule", Values = ["color-contrast", "link-in-text-block"] },
    };

    /// <summary>Waits until notices have gone and colours have stopped changing: half faded text has half its contrast.</summary>
    /// <param name="page">The page, as it is on the screen.</param>
    /// <param name="name">Begins each sentence, so that a fault says which page has it.</param>
    /// <param name="coloursAlone">The page was checked whole in the other theme just now.</param>
    public static async Task<IReadOnlyList<string>> FaultsAsync(IPage page, string name, bool coloursAlone = false)
    {
        await Expect(page.Locator(".mud-snackbar")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Person.SettledAsync(page);
        var result = await page.RunAxe(coloursAlone ? s_colours : null);
        return
        [
            .. result
                .Violations.Where(v => s_serious.Contains(v.Impact))
                .Select(v =>
                    $"{name}: {v.Id} ({v.Help}): {string.Join(" | ", v.Nodes.Take(2).Select(n => n.Html[..Math.Min(n.Html.Length, 160)]))}"
                ),
        ];
    }
}
