using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Accounts of the server itself: second factor, passkeys, sessions, a lost password.</summary>
public sealed class LocalAccountTests
{
    private const string NewPassword = "another horse battery staple";

    [Fact]
    public async Task AdministratorIsAskedForASecondFactor_AndSignsInByCodePasskeyAndRecoveryCode()
    {
        await using var portal = await PortalProcess.StartAsync("--Auth:SecondFactor", "LeadsAndAdministrators");
        await using var chrome = await Chrome.LaunchAsync();
        var address = portal.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal); // passkeys belong to a name
        var ada = await chrome.NewPersonAsync("ada", portal);
        var page = ada.Page;

        // Asked for before anything else can be done.
        await page.GotoAsync((await portal.SetupLinkAsync()).Replace(portal.Address, address, StringComparison.Ordinal));
        await page.FillAsync("#user", "ada");
        await page.FillAsync("#name", "Ada");
        await page.FillAsync("#password", Person.Password);
        await page.ClickAsync("button[type=submit]");
        await Expect(page.GetByText("asks you for a second factor")).ToBeVisibleAsync();
        await LookAsync(page, "security-asked");
        await ada.Test("begin-app").ClickAsync();
        var key = await ada.Test("app-key").InnerTextAsync();
        await LookAsync(page, "security-app");
        await page.FillAsync("#code", CodeOf(key));
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for it from now on" }).ClickAsync();
        await Expect(ada.Test("recovery-codes").Locator("li")).ToHaveCountAsync(10);
        var recovery = await ada.Test("recovery-codes").Locator("li").First.InnerTextAsync();

        await AddVirtualAuthenticatorAsync(page);
        await page.FillAsync("#passkey-name", "Key of the tests");
        await ada.Test("add-passkey").ClickAsync();
        await Expect(page.GetByText("Key of the tests")).ToBeVisibleAsync();
        await LookAsync(page, "security-all");
        await page.GotoAsync(address);
        await Expect(Heading(page, "Your work")).ToBeVisibleAsync();

        await SignOutAsync(page, address);
        await GivePasswordAsync(page, address, "ada", Person.Password);
        await page.FillAsync("#code", "000000");
        await page.ClickAsync("button[type=submit]");
        await Expect(page.GetByText("The code is not right")).ToBeVisibleAsync();
        await LookAsync(page, "second-factor");
        await page.FillAsync("#code", CodeOf(key));
        await page.ClickAsync("button[type=submit]");
        await Expect(Heading(page, "Your work")).ToBeVisibleAsync();

        await SignOutAsync(page, address);
        await LookAsync(page, "sign-in");
        await ada.Test("passkey").ClickAsync();
        await Expect(Heading(page, "Your work")).ToBeVisibleAsync();

        // Another browser, by a recovery code: its owner sees it and ends it.
        var elsewhere = (await chrome.NewPersonAsync("ada", portal)).Page;
        await GivePasswordAsync(elsewhere, address, "ada", Person.Password);
        await elsewhere.FillAsync("#code", recovery);
        await elsewhere.ClickAsync("button[type=submit]");
        await Expect(Heading(elsewhere, "Your work")).ToBeVisibleAsync();
        await page.GotoAsync(address + "/account/security");
        await Expect(ada.Test("session")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "End the session" }).ClickAsync();
        await Expect(ada.Test("session")).ToHaveCountAsync(1);
        await Expect(Heading(elsewhere, "Sign in to WebTrainer")).ToBeVisibleAsync(); // its open page goes there by itself
    }

    [Fact]
    public async Task LostPassword_IsSetAnewByAnAdministratorsLink_Once()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var ada = await chrome.NewPersonAsync("ada", portal);
        await ada.SetUpAsync();
        await ada.GoAsync("/admin/users");
        await ada.Page.GetByText("Make an invitation link").ClickAsync();
        var bo = await chrome.NewPersonAsync("bo", portal);
        await bo.JoinAsync(await ada.Test("secret-value").InnerTextAsync());

        await ada.GoAsync("/admin/users");
        await ada.Test("reset-bo").ClickAsync();
        var link = await ada.Test("secret-value").InnerTextAsync();
        await ada.ShowAsync("accounts");

        await bo.Page.GotoAsync(link);
        await bo.Page.FillAsync("#password", NewPassword);
        await bo.Page.ClickAsync("button[type=submit]");
        await Expect(Heading(bo.Page, "Sign in to WebTrainer")).ToBeVisibleAsync(); // the open session ended with it
        await GivePasswordAsync(bo.Page, portal.Address, "bo", Person.Password);
        await Expect(bo.Page.GetByText("not right")).ToBeVisibleAsync();
        await GivePasswordAsync(bo.Page, portal.Address, "bo", NewPassword);
        await Expect(Heading(bo.Page, "Your work")).ToBeVisibleAsync();
        await bo.Page.GotoAsync(link);
        await Expect(Heading(bo.Page, "This link is no longer good")).ToBeVisibleAsync();
    }

    private static ILocator Heading(IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name });

    private static async Task GivePasswordAsync(IPage page, string address, string user, string password)
    {
        await page.GotoAsync(address + "/account/sign-in");
        await page.FillAsync("#user", user);
        await page.FillAsync("#password", password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    private static async Task SignOutAsync(IPage page, string address)
    {
        await page.GotoAsync(address + "/account/sign-out");
        await page.ClickAsync("button[type=submit]");
        await Expect(page).ToHaveURLAsync(new Regex("/account/sign-in$"));
    }

    /// <summary>A device with a lock of its own, that says yes to each question.</summary>
    private static async Task AddVirtualAuthenticatorAsync(IPage page)
    {
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync(
            "WebAuthn.addVirtualAuthenticator",
            new()
            {
                ["options"] = new
                {
                    protocol = "ctap2",
                    transport = "internal",
                    hasResidentKey = true,
                    hasUserVerification = true,
                    isUserVerified = true,
                    automaticPresenceSimulation = true,
                },
            }
        );
    }

    /// <summary>Axe finds nothing serious in either theme; pictures are taken where they are wanted.</summary>
    private static async Task LookAsync(IPage page, string name)
    {
        foreach (var theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            Assert.Empty(await Accessibility.FaultsAsync(page, $"{name} {theme}"));
            await Pictures.TakeAsync(page, $"account-{name}-{theme}".ToLowerInvariant());
        }
    }

    /// <summary>RFC 6238 with the values that apps take unless told otherwise: SHA-1, 30 seconds, 6 digits.</summary>
    private static string CodeOf(string key)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // the algorithm is the standard's
        var hash = HMACSHA1.HashData(FromBase32(key), counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var (bytes, buffer, bits) = (new List<byte>(), 0, 0);
        foreach (var sign in text)
        {
            buffer = (buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(sign, StringComparison.Ordinal);
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
                buffer &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }
}
