using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Account;

/// <summary>Signing in and out as a browser does it, and as somebody tries who should not.</summary>
public sealed partial class SignInTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private const string Path = SignInForm.Path;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/account/sign-in", HttpStatusCode.OK)]
    [InlineData("/account/setup/wrong", HttpStatusCode.OK)]
    [InlineData("/no-such-page", HttpStatusCode.Found)] // to the sign-in: a stranger learns nothing
    [InlineData("/api/v1/projects", HttpStatusCode.Unauthorized)]
    [InlineData("/v1/models", HttpStatusCode.Unauthorized)]
    [InlineData("/health", HttpStatusCode.OK)]
    public async Task EachAnswer_CarriesTheSecurityHeaders(string path, HttpStatusCode status)
    {
        using var client = Browser();
        using var answer = await client.GetAsync(path, Ct);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Opener-Policy"));
        var policy = Header(answer, "Content-Security-Policy");
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "unsafe-inline",
            policy.Split(';').Single(p => p.Trim().StartsWith("script-src", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task SignIn_SetsACookieThatScriptsCannotRead_AndGoesOnlyToAddressesOfThisServer()
    {
        await portal.PersonAsync("anna");
        foreach (
            var (wanted, next) in new[]
            {
                ("/account/tokens", "/account/tokens"),
                ("//evil.example/", "/"),
                ("https://evil.example/", "/"),
                (@"/\evil.example", "/"),
            }
        )
        {
            using var client = Browser();
            using var answer = await SignInForm.SendAsync(
                client,
                "anna",
                WebPortal.Password,
                $"{Path}?returnUrl={Uri.EscapeDataString(wanted)}"
            );
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Equal(next, new Uri(new Uri("http://localhost"), answer.Headers.Location!).PathAndQuery);
            var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("webtrainer=", StringComparison.Ordinal));
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task SignIn_UnknownNameAndWrongPassword_AnswerAlike()
    {
        await portal.PersonAsync("berta");
        var unknown = await RefusalAsync("nobody", "wrong password 1");
        var wrong = await RefusalAsync("berta", "wrong password 1");
        Assert.Equal(unknown, wrong);
        Assert.Contains("name or the password is not right", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignInThatFailed_AndSignOut_AreInTheAuditLog_WithoutWhatWasTyped()
    {
        var (_, id) = await portal.PersonAsync("adele");
        await RefusalAsync("a password in the wrong field", "wrong password 1");
        using var client = Browser();
        using var signedIn = await SignInForm.SendAsync(client, "adele", WebPortal.Password);
        using var page = await client.GetAsync("/account/sign-out", Ct);
        using var signedOut = await client.PostAsync("/account/sign-out", await SignInForm.FillAsync(page), Ct);
        await using var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        Assert.True(await db.Audit.AnyAsync(e => e.Action == "account.sign-in-failed" && e.UserId == "", Ct));
        Assert.Equal(
            ["account.signed-in", "account.signed-out"],
            await db.Audit.Where(e => e.UserId == id).OrderBy(e => e.Id).Select(e => e.Action).ToListAsync(Ct)
        );
        Assert.DoesNotContain(
            await db.Audit.ToListAsync(Ct),
            e => (e.UserName + e.Subject + e.Before + e.After).Contains("wrong field", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task SignIn_WithoutTheFormsOwnToken_IsRefused()
    {
        await portal.PersonAsync("carla");
        using var client = Browser();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["Form.UserName"] = "carla",
                ["Form.Password"] = WebPortal.Password,
            }
        );
        using var answer = await client.PostAsync(Path, form, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task SignOut_KillsACopyOfTheCookieToo()
    {
        await portal.PersonAsync("dora");
        using var client = Browser();
        using var signedIn = await SignInForm.SendAsync(client, "dora", WebPortal.Password);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("webtrainer=", StringComparison.Ordinal)).Split(';')[
            0
        ];
        Assert.Equal(HttpStatusCode.OK, await StatusWithAsync(cookie));
        using var style = await client.GetAsync("/app.css", Ct);
        Assert.False(style.Headers.Contains("Set-Cookie"));
        Assert.False(style.Headers.CacheControl?.NoStore); // a check at each request must not keep browsers from keeping it
        using var page = await client.GetAsync("/account/sign-out", Ct);
        using var signedOut = await client.PostAsync("/account/sign-out", await SignInForm.FillAsync(page), Ct);
        Assert.Equal(HttpStatusCode.Found, signedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusWithAsync(cookie));
    }

    [Fact]
    public async Task SignIn_TriedManyTimes_IsThrottled()
    {
        await using var strict = new WebPortal();
        using var client = strict.CreateClient();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "sign-in" });
            using var answer = await client.PostAsync(Path, form, Ct);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(20, statuses.Count(status => status != HttpStatusCode.TooManyRequests));
        Assert.Equal(5, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task SetUp_SecondVisitor_FindsTheLinkUsed()
    {
        await using var fresh = new WebPortal();
        var token = fresh.Services.GetRequiredService<SetupLink>().Issue();
        using var first = fresh.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        using var second = fresh.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        using var firstPage = await first.GetAsync("/account/setup/" + token, Ct);
        using var secondPage = await second.GetAsync("/account/setup/" + token, Ct);
        using var made = await first.PostAsync(
            "/account/setup/" + token,
            await SignInForm.FillAsync(
                firstPage,
                ("Form.UserName", "ada"),
                ("Form.DisplayName", "Ada"),
                ("Form.Password", WebPortal.Password)
            ),
            Ct
        );
        Assert.Equal(HttpStatusCode.Found, made.StatusCode);
        using var late = await second.PostAsync(
            "/account/setup/" + token,
            await SignInForm.FillAsync(
                secondPage,
                ("Form.UserName", "eve"),
                ("Form.DisplayName", "Eve"),
                ("Form.Password", WebPortal.Password)
            ),
            Ct
        );
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode); // the form is gone with the link
        await using var db = await fresh.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        Assert.Equal("ada", Assert.Single(db.Users).UserName);
    }

    [Fact]
    public async Task SignIn_WhileNobodyHasAnAccount_SaysWhereTheSetUpLinkIs()
    {
        await using var fresh = new WebPortal();
        using var visitor = fresh.CreateClient();
        var first = await visitor.GetStringAsync("/", Ct); // led to the sign-in
        Assert.Contains("Make the administrator's here", WebUtility.HtmlDecode(first), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Form.Password\"", first, StringComparison.Ordinal);

        await fresh.PersonAsync("ada");
        var later = await visitor.GetStringAsync("/", Ct);
        Assert.DoesNotContain("administrator", later, StringComparison.Ordinal);
        Assert.Contains("name=\"Form.Password\"", later, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/no-such-page")]
    [InlineData("/p/no-project/at-all")]
    [InlineData("/admin/no-such-page")]
    [InlineData("/no-such-file.txt")]
    public async Task UnknownAddress_WhenSignedIn_ShowsThePortalsOwnPage(string path)
    {
        await portal.PersonAsync("wanda" + path.Length);
        using var client = Browser();
        using var signedIn = await SignInForm.SendAsync(client, "wanda" + path.Length, WebPortal.Password);
        using var answer = await client.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("_framework/blazor.web.js", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    private HttpClient Browser() => portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    private async Task<HttpStatusCode> StatusWithAsync(string cookie)
    {
        using var client = portal.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        using var answer = await client.GetAsync("/api/v1/projects", Ct);
        return answer.StatusCode;
    }

    private async Task<string> RefusalAsync(string user, string password)
    {
        using var client = Browser();
        using var answer = await SignInForm.SendAsync(client, user, password);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return ErrorText().Match(await answer.Content.ReadAsStringAsync(Ct)).Groups["text"].Value;
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(',', answer.Headers.GetValues(name));

    [GeneratedRegex("""data-test="error">(?<text>[^<]+)<""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ErrorText();
}
