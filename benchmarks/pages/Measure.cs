using System.Text.Json;
using Microsoft.Playwright;

namespace WebTrainer.Benchmarks.Pages;

/// <summary>Loads each page of each office in turns and takes the time from its address to what it shows.</summary>
/// <remarks>
/// The browser's own clock runs: from the beginning of the navigation to the first moment at which the wanted element has a place in the
/// layout. Scripts and styles lie in the browser's cache, as for somebody who has the portal open; the circuit is a new one each time.
/// </remarks>
internal static class Measure
{
    /// <summary>Loads that don't count: code is compiled and caches are filled by them.</summary>
    private const int WarmUps = 3;

    private const string Watch = """
        (() => {
            const wanted = WANTED[location.pathname + location.search];
            if (!wanted) return;
            window.shown = new Promise(done => {
                const look = () => {
                    if (document.querySelector(wanted)?.getClientRects().length > 0) {
                        watch.disconnect();
                        done(performance.now());
                    }
                };
                const watch = new MutationObserver(look);
                watch.observe(document, { childList: true, subtree: true, attributes: true });
            });
        })()
        """;

    public static async Task<IReadOnlyList<Times>> RunAsync(IReadOnlyList<Office> offices, int loads)
    {
        var times = new List<Times>();
        foreach (var office in offices)
        {
            var wanted = JsonSerializer.Serialize(office.Pages.ToDictionary(p => p.Path, p => p.Selector));
            await office.Page.AddInitScriptAsync(Watch.Replace("WANTED", wanted, StringComparison.Ordinal));
            times.AddRange(office.Pages.Select(page => new Times(office.Name, page.Name, [], [])));
        }

        for (var load = -WarmUps; load < loads; load++)
        {
            for (var page = 0; page < offices[0].Pages.Count; page++)
            {
                // Another one begins each time: nobody is always measured behind the same neighbour.
                for (var turn = 0; turn < offices.Count; turn++)
                {
                    var office = offices[(turn + Math.Abs(load)) % offices.Count];
                    var (took, processor) = await LoadAsync(office, office.Pages[page]);
                    if (load >= 0)
                    {
                        var of = times.Single(t => t.Office == office.Name && t.Page == office.Pages[page].Name);
                        of.Milliseconds.Add(took);
                        of.ProcessorMilliseconds.Add(processor);
                    }
                }
            }

            Console.Error.WriteLine($"load {load + 1} of {loads}");
        }

        return times;
    }

    private static async Task<(double Took, double Processor)> LoadAsync(Office office, PageToShow page)
    {
        var before = office.ProcessorTime;
        await office.Page.GotoAsync(office.Address + page.Path, new() { WaitUntil = WaitUntilState.Commit });
        var took = await office.Page.EvaluateAsync<double>("() => window.shown");
        await office.Page.GotoAsync("about:blank"); // ends the circuit before somebody else's turn
        return (took, (office.ProcessorTime - before).TotalMilliseconds);
    }
}

/// <summary>Times of one page of one office, a figure a load.</summary>
/// <param name="Milliseconds">From the address to what is shown.</param>
/// <param name="ProcessorMilliseconds">Of the portal, from the address until the page is left; in steps of 10.</param>
internal sealed record Times(string Office, string Page, List<double> Milliseconds, List<double> ProcessorMilliseconds)
{
    /// <summary>The least time within which this share of the loads was done (nearest rank).</summary>
    public double Quantile(double share) => Milliseconds.Order().ElementAt((int)Math.Ceiling(share * Milliseconds.Count) - 1);
}
