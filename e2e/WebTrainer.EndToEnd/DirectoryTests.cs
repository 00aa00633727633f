using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>People who come from an organisation's directory, by settings alone.</summary>
public sealed class DirectoryTests
{
    private const string Directory = "the directory of the bank";

    [Theory]
    [InlineData("Oidc")]
    [InlineData("EntraId")]
    public async Task PeopleAndRoles_FollowTheDirectory_AndSignOutEndsTheSessionThere(string mode)
    {
        await using var directory = await DirectoryServer.StartAsync();
        directory.People["mia"] = new("Mia Müller", "bank-it");
        directory.People["noah"] = new("Noah Nair", "loans");
        await using var portal = await PortalProcess.StartAsync(SettingsOf(mode, directory));
        await directory.RegisterAsync(portal);
        await using var chrome = await Chrome.LaunchAsync();

        // The settings say which group administers; an administrator says what another group is in a project.
        var mia = await chrome.NewPersonAsync("mia", portal);
        await SignInAsync(mia, portal);
        var project = await mia.MakeProjectAsync("Loans");
        await mia.GoAsync("/admin/users");
        await mia.Page.FillAsync("#rule-value", "loans");
        await mia.ChooseAsync("rule-project", "Loans");
        await mia.ChooseAsync("rule-role", "Reviewer");
        await mia.Test("add-rule").ClickAsync();
        await Expect(mia.Test("directory-rules")).ToContainTextAsync("loans");
        await AssertAccessibleAsync(mia, "directory-rules-" + mode);

        var noah = await chrome.NewPersonAsync("noah", portal);
        await SignInAsync(noah, portal);
        await noah.GoAsync($"/p/{project}");
        await Expect(noah.Page.Locator("h1")).ToContainTextAsync("Loans");
        await mia.GoAsync($"/p/{project}/members");
        await Expect(mia.Page.GetByRole(AriaRole.Row, new() { Name = "Noah Nair" })).ToContainTextAsync("Reviewer");

        // They leave the group and change their name: both are so from the next sign-in on.
        directory.People["noah"] = new("Noah Novak");
        await SignOutAsync(noah);
        await SignInAsync(noah, portal); // the directory asks anew who it is
        await noah.Page.GotoAsync(portal.Address + $"/p/{project}");
        await Expect(noah.Page.GetByText("not a member").First).ToBeVisibleAsync();
        await mia.GoAsync("/admin/users");
        var row = mia.Page.GetByRole(AriaRole.Row, new() { Name = "Noah Novak" });
        await Expect(row.Locator("input[type=text]")).ToHaveValueAsync("object-of-noah"); // who they are there, by which two accounts are one person
        await row.GetByText("Shut out").ClickAsync();
        await Expect(row).ToContainTextAsync("disabled");

        // Who is shut out here stays out, whatever the directory says.
        await noah.Page.GotoAsync(portal.Address + "/account/sign-in");
        await noah.Test("directory").ClickAsync();
        await Expect(noah.Page.GetByText("shut out of this server")).ToBeVisibleAsync();
        await Expect(noah.Page.Locator("#password")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task LostDirectory_IsTold_AndAnAdministratorOfTheServerGetsInAllTheSame()
    {
        await using var directory = await DirectoryServer.StartAsync();
        var settings = SettingsOf("Oidc", directory);
        await directory.DisposeAsync();
        await using var portal = await PortalProcess.StartAsync([.. settings, "--Auth:LocalAdministrators", "true"]);
        await using var chrome = await Chrome.LaunchAsync();
        var root = await chrome.NewPersonAsync("root", portal);
        await root.SetUpAsync();
        await root.Page.GotoAsync(portal.Address + "/account/sign-out");
        await root.Page.ClickAsync("button[type=submit]");

        await root.Test("directory").ClickAsync();
        await Expect(root.Page.GetByText("can't be reached just now")).ToBeVisibleAsync();
        await root.Page.GetByText("Administrators of this server").ClickAsync();
        await root.Page.FillAsync("#user", "root");
        await root.Page.FillAsync("#password", Person.Password);
        await root.Page.ClickAsync("button[type=submit]");
        await Expect(root.Page.GetByRole(AriaRole.Heading, new() { Name = "Your work" })).ToBeVisibleAsync();
    }

    private static string[] SettingsOf(string mode, DirectoryServer directory) =>
        [
            "--Auth:Mode",
            mode,
            "--Auth:DirectoryName",
            Directory,
            "--Auth:AdministratorGroups:0",
            "bank-it",
            .. mode == "Oidc"
                ? (string[])
                    [
                        "--Auth:Oidc:Authority",
                        directory.Address,
                        "--Auth:Oidc:ClientId",
                        DirectoryServer.ClientId,
                        "--Auth:Oidc:ClientSecret",
                        DirectoryServer.ClientSecret,
                        "--Auth:Oidc:RequireHttps",
                        "false",
                    ]
                :
                [
                    "--Auth:EntraId:TenantId",
                    DirectoryServer.TenantId,
                    "--Auth:EntraId:ClientId",
                    DirectoryServer.ClientId,
                    "--Auth:EntraId:ClientSecret",
                    DirectoryServer.ClientSecret,
                    "--Auth:EntraId:MetadataAddress",
                    directory.Address + "/.well-known/openid-configuration",
                    "--Auth:EntraId:ValidIssuer",
                    directory.Address + "/",
                    "--Auth:EntraId:RequireHttps",
                    "false",
                ],
        ];

    private static async Task SignInAsync(Person person, PortalProcess portal)
    {
        await person.Page.GotoAsync(portal.Address);
        await person.Test("directory").ClickAsync();
        await person.Page.GetByRole(AriaRole.Link, new() { Name = person.UserName, Exact = true }).ClickAsync();
        await Expect(person.Page.GetByRole(AriaRole.Heading, new() { Name = "Your work" })).ToBeVisibleAsync();
    }

    private static async Task SignOutAsync(Person person)
    {
        await person.GoAsync("/account/sign-out");
        await person.Page.ClickAsync("button[type=submit]");
        await Expect(person.Page).ToHaveURLAsync(new Regex("/account/sign-in$"));
    }

    private static async Task AssertAccessibleAsync(Person person, string picture)
    {
        await person.ShowAsync(picture);
        Assert.Empty(await Accessibility.FaultsAsync(person.Page, picture));
    }
}
