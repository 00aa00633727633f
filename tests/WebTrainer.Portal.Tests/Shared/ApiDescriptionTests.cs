using System.Net.Http.Json;
using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

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

    [Fact]
    public async Task EverySetting_IsDescribed_WithItsBoundsAndItsDefault()
    {
        var (client, _) = await portal.PersonAsync("reader" + Guid.NewGuid().ToString("N"));
        var schemas = (await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", TestContext.Current.CancellationToken))
            .GetProperty("components")
            .GetProperty("schemas");
        Assert.All(
            SettingTable.All.Where(setting => setting.Kind is SettingKind.Number or SettingKind.Whole),
            setting =>
            {
                var type = setting.Group switch
                {
                    SettingGroup.Objective => "ObjectiveSpec",
                    SettingGroup.Method => "MethodSpec",
                    SettingGroup.Classifier => "ClassifierSpec",
                    _ => "TrainingSettings",
                };
                var described = schemas.GetProperty(type).GetProperty("properties").GetProperty(setting.Name);
                Assert.Contains(setting.Help, described.GetProperty("description").GetString(), StringComparison.Ordinal);
                Assert.Equal(
                    (setting.Low, setting.High),
                    (described.GetProperty("minimum").GetDouble(), described.GetProperty("maximum").GetDouble())
                );
                Assert.Equal(
                    JsonSerializer.Serialize(setting.Default, ProtocolJson.Line),
                    described.TryGetProperty("default", out var given) ? given.GetRawText() : "null"
                );
            }
        );
    }
}
