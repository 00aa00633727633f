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
                    SettingGroup.Privacy => "PrivacySpec",
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

    [Fact]
    public async Task EveryOperation_HasItsName_ItsSecurityAndItsRefusals()
    {
        var document = await ReadAsync();
        var operations = Operations(document).ToList();
        Assert.Equal(operations.Count, operations.Select(o => o.Value.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.NotEmpty(document.GetProperty("security").EnumerateArray());
        Assert.All(
            document.GetProperty("tags").EnumerateArray(),
            tag => Assert.True(tag.TryGetProperty("description", out _), tag.GetRawText())
        );
        Assert.All(
            operations,
            operation =>
            {
                Assert.False(string.IsNullOrWhiteSpace(operation.Value.GetProperty("summary").GetString()), operation.Path);
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _), operation.Path);
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("429", out _), operation.Path);
            }
        );
        Assert.True(Find(document, "getRun").GetProperty("responses").TryGetProperty("404", out _));
        Assert.True(Find(document, "postRunApprove").GetProperty("responses").TryGetProperty("409", out _));
        Assert.Contains(
            "what to do",
            document.GetProperty("components").GetProperty("responses").GetProperty("Refused").GetProperty("description").GetString(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("patchUpload", true, "application/octet-stream")]
    [InlineData("putUploadsFile", true, "application/octet-stream")]
    [InlineData("postLabelsImport", true, "application/jsonl")]
    [InlineData("getRunMerged", false, "application/zip")]
    [InlineData("getRunGguf", false, "application/zip")]
    [InlineData("getModelGguf", false, "application/zip")]
    [InlineData("getDatasetVersionParquet", false, "application/vnd.apache.parquet")]
    [InlineData("getRunEventsStream", false, "text/event-stream")]
    public async Task Files_AreDescribed_OnTheirWayInAndOut(string name, bool isTaken, string type)
    {
        var operation = Find(await ReadAsync(), name);
        var content = isTaken
            ? operation.GetProperty("requestBody").GetProperty("content")
            : operation.GetProperty("responses").GetProperty("200").GetProperty("content");
        Assert.Equal("binary", content.GetProperty(type).GetProperty("schema").GetProperty("format").GetString());
    }

    [Fact]
    public async Task EveryPost_TakesAKey_OfWhichTheDescriptionSaysWhatItDoes()
    {
        var document = await ReadAsync();
        Assert.All(
            Operations(document),
            operation =>
                Assert.Equal(
                    operation.Path.StartsWith("post ", StringComparison.Ordinal),
                    operation.Value.TryGetProperty("parameters", out var parameters)
                        && parameters
                            .EnumerateArray()
                            .Any(p =>
                                p.TryGetProperty("$ref", out var name) && name.GetString() == "#/components/parameters/IdempotencyKey"
                            )
                )
        );
        var key = document.GetProperty("components").GetProperty("parameters").GetProperty("IdempotencyKey");
        Assert.Equal(("Idempotency-Key", "header"), (key.GetProperty("name").GetString(), key.GetProperty("in").GetString()));
        Assert.Contains("422", key.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Contains("48 hours", key.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_AreNumbers()
    {
        var run = (await ReadAsync()).GetProperty("components").GetProperty("schemas").GetProperty("RunResource").GetProperty("properties");
        Assert.Equal("integer", run.GetProperty("step").GetProperty("type").GetString());
        Assert.Equal("number", run.GetProperty("progress").GetProperty("type").GetString());
        Assert.Equal(["null", "number"], run.GetProperty("secondsLeft").GetProperty("type").EnumerateArray().Select(t => t.GetString()));
    }

    private async Task<JsonElement> ReadAsync()
    {
        var (client, _) = await portal.PersonAsync("reader" + Guid.NewGuid().ToString("N"));
        return await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", TestContext.Current.CancellationToken);
    }

    private static IEnumerable<(string Path, JsonElement Value)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where operation.Value.TryGetProperty("responses", out _)
        select ($"{operation.Name} {path.Name}", operation.Value);

    private static JsonElement Find(JsonElement document, string name) =>
        Operations(document).Single(o => o.Value.GetProperty("operationId").GetString() == name).Value;
}
