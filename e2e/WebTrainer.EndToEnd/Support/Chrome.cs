using Microsoft.Playwright;

namespace WebTrainer.EndToEnd.Support;

/// <summary>A real Chromium, one context a person.</summary>
public sealed class Chrome : IAsyncDisposable
{
    private static readonly string[] s_arguments =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chrome(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Chrome> LaunchAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience.Page);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = "/usr/bin/chromium",
                Headless = true,
                Args = s_arguments,
            }
        );
        return new Chrome(playwright, browser);
    }

    /// <summary>A person at a browser of their own; scripts that fail on their pages fail the test.</summary>
    public async Task<Person> NewPersonAsync(string userName, PortalProcess portal)
    {
        var context = await _browser.NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = 1280, Height = 800 },
                AcceptDownloads = true,
            }
        );
        context.SetDefaultTimeout(Patience.Page);
        return new Person(userName, await context.NewPageAsync(), portal);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
