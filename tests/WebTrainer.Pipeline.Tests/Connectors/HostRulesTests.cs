using System.Net;
using WebTrainer.Pipeline.Connectors;

namespace WebTrainer.Pipeline.Tests.Connectors;

public sealed class HostRulesTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    public void Special_IsNotPublic(string address) => Assert.False(HostRules.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946")]
    [InlineData("172.32.0.1")]
    public void Others_ArePublic(string address) => Assert.True(HostRules.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://127.0.0.1:{0}/a")]
    [InlineData("http://localhost:{0}/a")]
    [InlineData("http://[::1]:{0}/a")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/a")]
    [InlineData("http://2130706433:{0}/a")]
    [InlineData("http://0x7f.1:{0}/a")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://user@127.0.0.1:{0}/a")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/a")]
    [InlineData("gopher://127.0.0.1/")]
    [InlineData("//127.0.0.1/a")]
    public async Task Address_IntoTheServersNetwork_IsRefused_WhereverItIsWritten(string url)
    {
        using var listener = new LoopbackServer();
        using var http = new SafeHttp(new ConnectorOptions { TimeoutSeconds = 5 });
        var refusal = await Assert.ThrowsAsync<DataProblemException>(async () =>
            await http.GetAsync(
                SafeHttp.Parse(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, listener.Port)),
                "",
                null,
                TestContext.Current.CancellationToken
            )
        );
        Assert.NotEmpty(refusal.Message);
        Assert.Empty(listener.Asked);
    }

    [Fact]
    public async Task Redirect_IntoTheServersNetwork_IsRefused_AndTakesNoAuthorizationAlong()
    {
        using var inner = new LoopbackServer();
        using var outer = new LoopbackServer { Redirect = $"http://127.0.0.1:{inner.Port}/secret" };
        using var strict = new SafeHttp(new ConnectorOptions { TimeoutSeconds = 5, AllowedHosts = [$"127.0.0.1:{outer.Port}"] });
        await Assert.ThrowsAsync<DataProblemException>(() =>
            strict.GetAsync(new Uri(outer.Address), "Bearer x", null, TestContext.Current.CancellationToken)
        );
        Assert.Empty(inner.Asked);

        using var open = new SafeHttp(new ConnectorOptions { TimeoutSeconds = 5, AllowedHosts = ["127.0.0.1"] });
        using var response = await open.GetAsync(new Uri(outer.Address), "Bearer x", null, TestContext.Current.CancellationToken);
        Assert.Equal(["Bearer x"], outer.Authorizations.Distinct());
        Assert.Equal([""], inner.Authorizations);
    }
}
