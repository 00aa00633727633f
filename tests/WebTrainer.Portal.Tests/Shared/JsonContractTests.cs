using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>A body that lacks something, or has null for it, is answered by its name, whatever the route.</summary>
public sealed class JsonContractTests(WebPortal portal) : IClassFixture<WebPortal>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "{}", "name")]
    [InlineData("", "{\"name\":null}", "name")]
    [InlineData("/{project}/evaluations", "{\"runIds\":[],\"benchmarks\":null}", "benchmarks")]
    [InlineData("/{project}/evaluations", "{\"runIds\":[],\"benchmarks\":[null]}", "benchmarks[]")]
    [InlineData("/{project}/models/hub", "{\"name\":\"a\"}", "hubName")]
    [InlineData("/{project}/uploads", "{\"fileName\":null,\"length\":1}", "fileName")]
    [InlineData(
        "/{project}/runs",
        "{\"datasetVersionId\":\"01a2243d-b1c9-7a70-bcfd-d063e9092d08\",\"baseModel\":\"tiny\",\"method\":{\"targets\":[null]}}",
        "targets[]"
    )]
    [InlineData("/{project}/datasets/01a2243d-b1c9-7a70-bcfd-d063e9092d08/versions/1/clean", "{\"steps\":[{}]}", "steps[0]")]
    [InlineData(
        "/{project}/labels/01a2243d-b1c9-7a70-bcfd-d063e9092d08/items/01a2243d-b1c9-7a70-bcfd-d063e9092d08/answer",
        "{\"values\":{\"label\":null}}",
        "values[]"
    )]
    [InlineData("/{project}/sources", "{\"kind\":7,\"name\":\"a\",\"settings\":{},\"datasetName\":\"b\"}", "kind")]
    public async Task Body_WithoutWhatIsNeeded_Is400_AndNamesIt(string route, string body, string named)
    {
        var (client, userId) = await portal.PersonAsync("json" + Guid.NewGuid().ToString("N"));
        using var person = client;
        var project = await portal.ProjectAsync(userId);
        using var answer = await person.PostAsync(
            "/api/v1/projects" + route.Replace("{project}", project.ToString(), StringComparison.Ordinal),
            new StringContent(body, Encoding.UTF8, "application/json"),
            Ct
        );
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var said = (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("title").GetString();
        Assert.Contains($"'{named}'", said, StringComparison.Ordinal);
        Assert.DoesNotContain("WebTrainer.", said, StringComparison.Ordinal); // names of this program's types tell the sender nothing
    }

    [Fact]
    public async Task Body_WithoutWhatMayBeNull_IsTaken()
    {
        var (client, _) = await portal.PersonAsync("json" + Guid.NewGuid().ToString("N"));
        using var person = client;
        using var answer = await person.PostAsync(
            "/api/v1/projects",
            new StringContent("{\"name\":\"Messages\"}", Encoding.UTF8, "application/json"),
            Ct
        );
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }
}
