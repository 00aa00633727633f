using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Fences;

/// <summary>Who guesses passwords is slowed down, and whose account it is is not shut out.</summary>
public sealed class GuessingTests(GuessingTests.Patient patient) : IClassFixture<GuessingTests.Patient>
{
    private readonly WebPortal _portal = patient.Portal;
    private const string Wrong = "wrong password 1";

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Owner_OnAKnownDevice_GetsInWhileOthersGuess()
    {
        await using var strict = new WebPortal();
        await strict.PersonAsync("olga");
        using var owner = Browser(strict);
        Assert.Equal(HttpStatusCode.Found, (await SignInForm.SendAsync(owner, "olga", WebPortal.Password)).StatusCode);
        await SignOutAsync(owner);

        // From the owner's own address, and more than one address may try in a minute.
        using var guesser = Browser(strict);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            answers.Add((await SignInForm.SendAsync(guesser, "olga", Wrong)).StatusCode);
        }

        // The form with its refusal; on a slow machine a pause or two go by meanwhile, each twice as long as the one before.
        var taken = answers.Count(status => status == HttpStatusCode.OK);
        Assert.InRange(taken, SignInThrottle.FreeTries, SignInThrottle.FreeTries + 2);
        Assert.All(answers.Where(status => status != HttpStatusCode.OK), status => Assert.Equal(HttpStatusCode.TooManyRequests, status));

        Assert.Equal(HttpStatusCode.Found, (await SignInForm.SendAsync(owner, "olga", WebPortal.Password)).StatusCode);
    }

    [Fact]
    public async Task KnownDevice_OfOneAccount_HelpsNobodyWithAnother()
    {
        await _portal.PersonAsync("pia");
        await _portal.PersonAsync("quentin");
        using var browser = Browser();
        using var _ = await SignInForm.SendAsync(browser, "pia", WebPortal.Password);
        await SignOutAsync(browser);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add((await SignInForm.SendAsync(browser, "quentin", Wrong)).StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
    }

    [Fact]
    public async Task UnknownName_IsThrottledAsAKnownOne()
    {
        await _portal.PersonAsync("rosa");
        using var browser = Browser();
        var answers = new Dictionary<string, List<HttpStatusCode>>();
        foreach (var name in (string[])["rosa", "nobody-of-this-name"])
        {
            answers[name] = [];
            for (var i = 0; i < 8; i++)
            {
                answers[name].Add((await SignInForm.SendAsync(browser, name, Wrong)).StatusCode);
            }
        }

        Assert.Equal(answers["rosa"], answers["nobody-of-this-name"]);
    }

    [Fact]
    public void Throttle_WaitsGrowAndEnd_ByPlace()
    {
        var time = new FakeTimeProvider();
        var throttle = new SignInThrottle(time);
        var (guesser, owner) = (new SignInPlace("198.51.100.1", IsKnown: false), new SignInPlace("203.0.113.5", IsKnown: false));
        for (var i = 0; i < SignInThrottle.FreeTries; i++)
        {
            throttle.Begin("OLGA", guesser);
        }

        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var wait = Assert.Throws<TooManyTriesException>(() => throttle.Begin("OLGA", guesser)).Wait;
            waits.Add(wait.TotalSeconds);
            time.Advance(wait);
            throttle.Begin("OLGA", guesser);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
        throttle.Begin("OLGA", owner); // from elsewhere, at once
        throttle.Begin("PIA", guesser);
        time.Advance(TimeSpan.FromHours(2));
        throttle.Begin("OLGA", guesser);
    }

    [Fact]
    public void Throttle_ManyAddresses_LeaveKnownDevicesAlone()
    {
        var throttle = new SignInThrottle(new FakeTimeProvider());
        for (var i = 0; i < SignInThrottle.TriesFromUnknownPlaces; i++)
        {
            throttle.Begin("OLGA", new SignInPlace($"198.51.100.{i}", IsKnown: false));
        }

        Assert.Throws<TooManyTriesException>(() => throttle.Begin("OLGA", new SignInPlace("203.0.113.1", IsKnown: false)));
        throttle.Begin("OLGA", new SignInPlace("device 1", IsKnown: true));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    [InlineData("::ffff:198.51.100.1", "198.51.100.1")]
    public void AddressesOfOneHost_AreOnePlace(string one, string other) =>
        Assert.Equal(NetworkPlace.Of(IPAddress.Parse(one)), NetworkPlace.Of(IPAddress.Parse(other)));

    [Fact]
    public async Task CurrentPassword_GuessedInAStolenSession_IsThrottled()
    {
        await _portal.PersonAsync("sven");
        using var browser = Browser();
        using var _ = await SignInForm.SendAsync(browser, "sven", WebPortal.Password);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            answers.Add((await ChangeAsync(browser, Wrong)).StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.DoesNotContain(HttpStatusCode.Found, answers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChangedPassword_EndsTokens_WhereThePersonWants(bool ends)
    {
        var name = "tina" + ends;
        var (program, _) = await _portal.PersonAsync(name);
        using var browser = Browser();
        using var other = Browser();
        using var signedIn = await SignInForm.SendAsync(browser, name, WebPortal.Password);
        using var elsewhere = await SignInForm.SendAsync(other, name, WebPortal.Password);
        using var changed = await ChangeAsync(browser, WebPortal.Password, ends);
        Assert.Equal(HttpStatusCode.Found, changed.StatusCode);
        Assert.Equal(ends ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, (await program.GetAsync("/api/v1/projects", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/api/v1/projects", Ct)).StatusCode); // other sessions always
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/projects", Ct)).StatusCode);
    }

    [Fact]
    public async Task Members_TellUserNames_ToWhoManagesThemAlone()
    {
        var (_, leadId) = await _portal.PersonAsync("uwe");
        var (_, annotatorId) = await _portal.PersonAsync("vera");
        var project = await _portal.ProjectAsync(leadId);
        await using var db = await _portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct);
        db.Memberships.Add(new Membership(project, annotatorId, ProjectRole.Annotator, DateTimeOffset.UtcNow));
        await db.SaveChangesAsync(Ct);
        var projects = _portal.Services.GetRequiredService<ProjectService>();
        Assert.All(await projects.MembersAsync(new Caller(annotatorId, "vera"), project, Ct), member => Assert.Null(member.UserName));
        Assert.All(await projects.MembersAsync(new Caller(leadId, "uwe"), project, Ct), member => Assert.NotNull(member.UserName));
    }

    private HttpClient Browser(WebPortal? portal = null) =>
        (portal ?? _portal).CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    private static async Task SignOutAsync(HttpClient browser)
    {
        using var page = await browser.GetAsync("/account/sign-out", Ct);
        using var _ = await browser.PostAsync("/account/sign-out", await SignInForm.FillAsync(page), Ct);
    }

    private static async Task<HttpResponseMessage> ChangeAsync(HttpClient browser, string current, bool endTokens = false)
    {
        using var page = await browser.GetAsync("/account/password", Ct);
        List<(string, string)> fields = [("Form.Current", current), ("Form.Next", "another horse battery")];
        if (endTokens)
        {
            fields.Add(("Form.EndTokens", "true"));
        }

        return await browser.PostAsync("/account/password", await SignInForm.FillAsync(page, [.. fields]), Ct);
    }

    /// <summary>A portal that lets one address, which is that of all tests, try often.</summary>
    public sealed class Patient : IAsyncDisposable
    {
        public WebPortal Portal { get; } = new() { Settings = { ["Portal:SignInTriesPerMinute"] = "1000" } };

        public ValueTask DisposeAsync() => Portal.DisposeAsync();
    }
}
