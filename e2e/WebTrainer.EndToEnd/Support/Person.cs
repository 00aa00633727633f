using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd.Support;

/// <summary>Somebody at the portal, in the words of what they do.</summary>
public sealed class Person(string userName, IPage page, PortalProcess portal)
{
    public const string Password = "correct horse battery staple";

    public IPage Page => page;

    public string UserName => userName;

    public ILocator Test(string name) => page.Locator($"[data-test='{name}']");

    /// <summary>Makes the administrator by the link that the server printed.</summary>
    public async Task SetUpAsync()
    {
        await page.GotoAsync(await portal.SetupLinkAsync());
        await FillAccountAsync();
        await Expect(Test("new-project").First).ToBeVisibleAsync();
    }

    /// <summary>Makes an account by an invitation link, and joins.</summary>
    public async Task JoinAsync(string link)
    {
        await page.GotoAsync(link);
        await FillAccountAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your work" })).ToBeVisibleAsync();
    }

    /// <summary>Joins by an invitation link with the account that is signed in.</summary>
    public async Task AcceptAsync(string link)
    {
        await page.GotoAsync(link);
        await page.GetByRole(AriaRole.Button, new() { Name = "Join with this account" }).ClickAsync();
        await Expect(Test("steps")).ToBeVisibleAsync();
    }

    public async Task SignInAsync()
    {
        await page.GotoAsync(portal.Address + "/account/sign-in");
        await page.FillAsync("#user", userName);
        await page.FillAsync("#password", Password);
        await page.ClickAsync("button[type=submit]");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your work" })).ToBeVisibleAsync();
    }

    public async Task GoAsync(string path)
    {
        await page.GotoAsync(portal.Address + path);
        await Expect(page.Locator("h1").First).ToBeVisibleAsync();
    }

    /// <returns>The project's id.</returns>
    public async Task<Guid> MakeProjectAsync(string name)
    {
        await GoAsync("/");
        await Test("new-project").First.ClickAsync();
        await page.FillAsync("#project-name", name);
        await Test("create-project").ClickAsync();
        await Expect(Test("steps")).ToBeVisibleAsync();
        return Guid.Parse(new Uri(page.Url).Segments[^1]);
    }

    /// <returns>The invitation's link.</returns>
    public async Task<string> InviteAsync(Guid projectId, string role)
    {
        await GoAsync($"/p/{projectId}/members");
        await ChooseAsync("invite-role", role);
        await Test("invite").ClickAsync();
        return await Test("secret-value").InnerTextAsync();
    }

    /// <returns>An access token with all scopes.</returns>
    public async Task<string> MakeTokenAsync()
    {
        await GoAsync("/account/tokens");
        await page.FillAsync("#token-name", "tests");
        await Test("create-token").ClickAsync();
        return await Test("secret-value").InnerTextAsync();
    }

    /// <summary>Chooses an entry of a drop-down that carries a test name.</summary>
    public async Task ChooseAsync(string test, string entry)
    {
        var select = page.Locator($".mud-select:has([data-test='{test}']), [data-test='{test}']").First;
        await select.ClickAsync();
        await page.Locator(".mud-popover-open .mud-list-item")
            .Filter(new() { HasTextRegex = new Regex($"^{Regex.Escape(entry)}") })
            .First.ClickAsync();
        await Expect(page.Locator(".mud-popover-open .mud-list-item")).ToHaveCountAsync(0);
    }

    /// <summary>The page as a picture, light and dark, where somebody wants to look at it.</summary>
    public async Task ShowAsync(string name)
    {
        if (!Pictures.AreWanted)
        {
            return;
        }

        await page.EvaluateAsync("() => scrollTo(0, 0)"); // the head of the page stands at the top of the picture
        await UseThemeAsync("light");
        await Pictures.TakeAsync(page, name + "-light");
        await UseThemeAsync("dark");
        await Pictures.TakeAsync(page, name + "-dark");
        await UseThemeAsync("light");
    }

    /// <param name="theme"><c>light</c> or <c>dark</c>.</param>
    public async Task UseThemeAsync(string theme)
    {
        await Expect(Test("interactive")).ToBeVisibleAsync(); // the kept theme is read by now
        // The button says what it would change to.
        var other = theme == "light" ? "dark" : "light";
        if (await page.GetByLabel($"Use the {theme} theme").IsVisibleAsync())
        {
            await Test("theme").ClickAsync();
        }

        await Expect(page.GetByLabel($"Use the {other} theme")).ToBeVisibleAsync();
        await page.Mouse.MoveAsync(640, 799); // no tooltip over what is looked at
        await SettledAsync(page);
    }

    /// <summary>Waits until colours have stopped changing; an animation that neither runs nor ends is not waited for.</summary>
    public static Task SettledAsync(IPage page) =>
        page.EvaluateAsync(
            """
            () => Promise.race([
                Promise.all(document.getAnimations().filter(a => a.playState === "running" && a.effect?.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => {}))),
                new Promise(over => setTimeout(over, 2000)),
            ])
            """
        );

    private async Task FillAccountAsync()
    {
        await page.FillAsync("#user", userName);
        await page.FillAsync("#name", char.ToUpperInvariant(userName[0]) + userName[1..]);
        await page.FillAsync("#password", Password);
        await page.ClickAsync("button[type=submit]");
    }
}
