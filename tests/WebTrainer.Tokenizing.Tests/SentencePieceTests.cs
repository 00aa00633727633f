using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing.Tests;

/// <summary>
/// Small models of our own beside what SentencePiece's own library cuts the same lines into (<c>Reference/README.md</c>).
/// </summary>
public sealed class SentencePieceTests : IDisposable
{
    private static readonly JsonElement s_reference = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Reference", "sentencepiece.json")))
        .RootElement;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. s_reference.GetProperty("models").EnumerateObject().Select(model => model.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Lines_AreCutAsByTheReference(string name)
    {
        var model = s_reference.GetProperty("models").GetProperty(name);
        File.WriteAllBytes(_folder.File("tokenizer.model"), model.GetProperty("model").GetBytesFromBase64());
        var tokenizer = TextTokenizer.Load(_folder.Path);
        var lines = s_reference.GetProperty("lines").EnumerateArray().Select(line => line.GetString()!);
        var expected = model.GetProperty("ids").EnumerateArray().Select(ids => ids.EnumerateArray().Select(id => id.GetInt32()).ToArray());
        Assert.All(lines.Zip(expected), pair => Assert.Equal(pair.Second, tokenizer.Encode(pair.First)));
    }

    [Theory]
    [InlineData(new byte[] { 18, 2, 24, 3 }, "words")]
    [InlineData(new byte[] { 18, 2, 24, 4 }, "characters")]
    [InlineData(new byte[] { 10, 5, 10, 3, 97, 98, 99 }, "unknown")]
    [InlineData(new byte[] { 10, 200, 1 }, "no SentencePiece model")]
    [InlineData(new byte[] { 11 }, "no SentencePiece model")]
    [InlineData(new byte[] { 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 }, "no SentencePiece model")]
    public void FileOfAnotherKind_IsRefusedByName(byte[] file, string named)
    {
        File.WriteAllBytes(_folder.File("tokenizer.model"), file);
        var error = Assert.Throws<ModelFileException>(() => TextTokenizer.Load(_folder.Path));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
