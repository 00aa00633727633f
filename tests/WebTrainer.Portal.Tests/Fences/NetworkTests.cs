using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Fences;

/// <summary>Which requests reach the portal, and what it believes of where they came from.</summary>
public sealed class NetworkTests(NetworkTests.Behind behind) : IClassFixture<NetworkTests.Behind>
{
    private const string Proxy = "10.1.2.3";
    private readonly WebPortal _portal = behind.Portal;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:5080")]
    [InlineData("localhost.evil.example")]
    [InlineData("portal.example.org.evil.example")]
    [InlineData("xportal.example.org")]
    [InlineData("clinic.example")]
    [InlineData("evilclinic.example")]
    [InlineData("6.6.6.6")]
    [InlineData("[2001:db8::1]")]
    public async Task ForeignHost_IsRefused_AndNotRepeated(string host)
    {
        foreach (var path in (string[])["/", "/account/sign-in", "/api/v1/projects", "/v1/models", "/health", "/_blazor/negotiate"])
        {
            var answer = await SendAsync(path, http => http.Request.Host = new HostString(host));
            Assert.Equal(StatusCodes.Status400BadRequest, answer.Response.StatusCode);
            Assert.Equal("nosniff", answer.Response.Headers.XContentTypeOptions);
            Assert.Empty(answer.Response.Headers.Location.ToString());
            Assert.DoesNotContain(host, await new StreamReader(answer.Response.Body).ReadToEndAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5080")]
    [InlineData("127.0.0.1:5080")]
    [InlineData("[::1]:5080")]
    [InlineData("Portal.Example.org")]
    [InlineData("ward-3.clinic.example:443")]
    [InlineData("192.168.7.7:5080")] // the address that the connection came to
    public async Task OwnHost_IsAnswered(string host)
    {
        var answer = await SendAsync(
            "/health",
            http =>
            {
                http.Request.Host = new HostString(host);
                http.Connection.LocalIpAddress = IPAddress.Parse("192.168.7.7");
            }
        );
        Assert.Equal(StatusCodes.Status200OK, answer.Response.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:9999")]
    [InlineData("https://localhost")] // another scheme is another origin
    [InlineData("http://localhost.evil.example")]
    [InlineData("http://evil.example@localhost")]
    [InlineData("null")]
    [InlineData("")]
    public async Task ForeignOrigin_OnCircuitsAndHubs_IsRefused(string origin)
    {
        foreach (var path in (string[])["/_blazor", "/_blazor/negotiate", "/_Blazor", "/hubs/runs", "/hubs/runs/negotiate"])
        {
            Assert.Equal(
                StatusCodes.Status403Forbidden,
                (await SendAsync(path, http => http.Request.Headers.Origin = origin)).Response.StatusCode
            );
        }

        Assert.Equal(
            StatusCodes.Status403Forbidden,
            (await SendAsync("/_blazor", http => http.Request.Headers.Origin = new([origin, "http://localhost"]))).Response.StatusCode
        );
    }

    [Fact]
    public async Task OwnOriginAndPrograms_MayConnect()
    {
        foreach (var origin in (string?[])["http://localhost", "HTTP://LOCALHOST:80", null])
        {
            var answer = await SendAsync("/hubs/runs/negotiate", http => http.Request.Headers.Origin = origin);
            Assert.Equal(StatusCodes.Status401Unauthorized, answer.Response.StatusCode); // as far as the sign-in
        }
    }

    [Theory]
    [InlineData(Proxy, true)]
    [InlineData("::ffff:10.1.9.9", true)]
    [InlineData("10.2.0.1", false)]
    [InlineData("127.0.0.1", false)]
    public async Task ForwardedHeaders_AreBelievedOfKnownProxiesAlone(string from, bool believed)
    {
        var answer = await SendAsync("/account/sign-in", http => Forward(http, from, "198.51.100.7"));
        Assert.Equal(believed, answer.Request.IsHttps);
        Assert.Equal(believed ? "198.51.100.7" : from, answer.Connection.RemoteIpAddress!.ToString());
        var cookie = Assert.Single(answer.Response.Headers.SetCookie)!;
        Assert.Equal(believed, cookie.StartsWith("__Host-", StringComparison.Ordinal));
        Assert.Equal(believed, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ForwardedChain_IsFollowedToTheFirstThatNobodyKnows()
    {
        var answer = await SendAsync("/health", http => Forward(http, Proxy, "1.1.1.1, 198.51.100.7, 10.1.0.9"));
        Assert.Equal("198.51.100.7", answer.Connection.RemoteIpAddress!.ToString());
    }

    [Fact]
    public async Task SignInBehindTls_SetsCookiesOfThisHostAlone_AndTakesNoOthers()
    {
        await _portal.PersonAsync("thea");
        using var browser = _portal.CreateClient(
            new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, BaseAddress = new Uri("https://localhost") }
        );
        using var signedIn = await SignInForm.SendAsync(browser, "thea", WebPortal.Password);
        Assert.Equal(HttpStatusCode.Found, signedIn.StatusCode);
        var cookies = signedIn.Headers.GetValues("Set-Cookie").ToList();
        Assert.All(
            cookies,
            cookie =>
            {
                Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
                Assert.Contains("; path=/", cookie, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("; domain", cookie, StringComparison.OrdinalIgnoreCase);
            }
        );
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/projects", Ct)).StatusCode);

        // The same session under the name that a neighbouring host could plant.
        var session = cookies.Single(c => c.StartsWith("__Host-webtrainer=", StringComparison.Ordinal)).Split(';')[0]["__Host-".Length..];
        using var planted = _portal.CreateClient(
            new WebApplicationFactoryClientOptions
            {
                AllowAutoRedirect = false,
                HandleCookies = false,
                BaseAddress = new Uri("https://localhost"),
            }
        );
        planted.DefaultRequestHeaders.Add("Cookie", session);
        Assert.Equal(HttpStatusCode.Unauthorized, (await planted.GetAsync("/api/v1/projects", Ct)).StatusCode);
    }

    [Fact]
    public async Task SignInLimit_BehindAProxy_CountsPeople()
    {
        for (var person = 1; person <= 3; person++)
        {
            for (var i = 0; i < 15; i++)
            {
                var answer = await SendAsync("/account/sign-in", http => Forward(http, Proxy, $"198.51.100.{person}"), HttpMethods.Post);
                Assert.NotEqual(StatusCodes.Status429TooManyRequests, answer.Response.StatusCode);
            }
        }
    }

    [Theory]
    [InlineData("https://portal.example.org", "10.0.0.7", "AllowedHosts")]
    [InlineData("portal.example.org:443", "10.0.0.7", "AllowedHosts")]
    [InlineData("*", "10.0.0.7", "AllowedHosts")]
    [InlineData("portal.example.org", "proxy.example.org", "KnownProxies")]
    [InlineData("portal.example.org", "10.0.0.7/99", "KnownProxies")]
    public void WrongSetting_IsRefusedByName(string host, string proxy, string named)
    {
        var options = new NetworkOptions { AllowedHosts = { host }, KnownProxies = { proxy } };
        Assert.Contains(named, Assert.Single(options.Validate(new ValidationContext(options))).ErrorMessage, StringComparison.Ordinal);
    }

    private static void Forward(HttpContext http, string from, string forwarded)
    {
        http.Connection.RemoteIpAddress = IPAddress.Parse(from);
        http.Request.Headers["X-Forwarded-For"] = forwarded;
        http.Request.Headers["X-Forwarded-Proto"] = "https";
    }

    private Task<HttpContext> SendAsync(string path, Action<HttpContext> change, string method = "GET") =>
        _portal.Server.SendAsync(
            http =>
            {
                (http.Request.Method, http.Request.Path, http.Request.Scheme, http.Request.Host) = (
                    method,
                    path,
                    "http",
                    new HostString("localhost")
                );
                http.Connection.RemoteIpAddress = IPAddress.Loopback;
                change(http);
            },
            Ct
        );

    /// <summary>A portal with names of its own, and proxies before it.</summary>
    public sealed class Behind : IAsyncDisposable
    {
        public WebPortal Portal { get; } =
            new()
            {
                Settings =
                {
                    ["Network:AllowedHosts:0"] = "portal.example.org",
                    ["Network:AllowedHosts:1"] = "*.clinic.example",
                    ["Network:KnownProxies:0"] = "10.1.0.0/16",
                },
            };

        public ValueTask DisposeAsync() => Portal.DisposeAsync();
    }
}
