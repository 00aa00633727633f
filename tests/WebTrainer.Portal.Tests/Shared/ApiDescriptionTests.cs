using System.Net.Http.Json;
using System.Text.Json;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>The API's own description, from which its page is made.</summary>
public sealed class ApiDescriptionTests(WebPortal portal) : IClassFixture<WebPortal>
{
    [Fact]
    public async Task EveryResource_CanBeDescribed()
    {
        var (client, _) = await portal.PersonAsync("reader" + Guid.NewGuid().ToString("N"));
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.Contains(document.GetProperty("paths").EnumerateObject(), path => path.Name.EndsWith("/tokens", StringComparison.Ordinal));
        Assert.True(document.GetProperty("components").GetProperty("schemas").TryGetProperty("TokenProfile", out var tokens));
        Assert.False(tokens.GetProperty("properties").TryGetProperty("lengths", out _));
    }
}
