using System.Text.Json;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

public sealed class ClassifyEndpointTests
{
    private static IReadOnlyList<TextToClassify> Read(string json) =>
        ClassifyEndpoint.TextsOf(JsonSerializer.Deserialize<ClassifyEndpoint.ClassifyBody>(json)!);

    [Fact]
    public void Texts_OneAListAndPairs_AreRead()
    {
        Assert.Equal([new TextToClassify("a")], Read("""{"input":"a","user":"u"}"""));
        Assert.Equal(
            [new TextToClassify("a"), new TextToClassify("b", "c"), new TextToClassify("d")],
            Read("""{"input":["a",{"text":"b","pair":"c"},{"text":"d","pair":null}]}""")
        );
    }

    /// <summary>An answer that leaves out what was asked would be wrong without a word.</summary>
    [Theory]
    [InlineData("""{"input":[{"text":"a","pair":7}]}""", "input[0].pair")]
    [InlineData("""{"input":["a",{"text":"a","second":"b"}]}""", "input[1].second")]
    [InlineData("""{"input":[{"pair":"a"}]}""", "input[0].text")]
    [InlineData("""{"input":[["a"]]}""", "input[0]")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":"a","threshold":0.5}""", "threshold")]
    [InlineData("""{"input":"a","top_k":0}""", "top_k")]
    public void Texts_FieldThatIsNotUsed_IsRefusedByName(string json, string field) =>
        Assert.Contains(field, Assert.Throws<OpenAiException>(() => Read(json)).Message, StringComparison.Ordinal);
}
