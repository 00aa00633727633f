using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Tokenizing.Tests;

/// <summary>
/// Ids and texts that the ecosystem's own library gives for small tokenizers, one for each kind of normaliser, cutting, added token and
/// treatment of the unknown (<c>Reference/decoders.json</c>; <c>Reference/README.md</c> says how they were made).
/// </summary>
public sealed class DecoderReferenceTests : IDisposable
{
    private static readonly JsonObject s_reference = JsonNode
        .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "decoders.json")))!
        .AsObject();
    private static readonly string[] s_lines = s_reference["lines"].Deserialize<string[]>()!;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. s_reference["tokenizers"]!.AsObject().Select(entry => entry.Key)];

    /// <summary>Without a decoder the library puts a space between all tokens.</summary>
    public static TheoryData<string> Decoded =>
        [.. s_reference["tokenizers"]!.AsObject().Where(entry => entry.Value!["decoder"] is not null).Select(entry => entry.Key)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_EqualsTheReference(string name)
    {
        var (tokenizer, expected) = Load(name);
        var ids = expected["ids"].Deserialize<int[][]>()!;
        var wrong = Enumerable
            .Range(0, s_lines.Length)
            .Where(line => !tokenizer.EncodeTemplate(s_lines[line]).SequenceEqual(ids[line]))
            .Select(line =>
                $"{JsonSerializer.Serialize(s_lines[line])}\n  {string.Join(' ', ids[line])}\n  {string.Join(' ', tokenizer.EncodeTemplate(s_lines[line]))}"
            )
            .ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} lines differ:\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_AsOnePieceOfATemplate_IsTheSame(string name)
    {
        var (tokenizer, _) = Load(name);
        Assert.All(s_lines, line => Assert.Equal(tokenizer.EncodeTemplate(line), tokenizer.Encode([(line, true)])));
    }

    [Theory]
    [MemberData(nameof(Decoded))]
    public void Decode_EqualsTheReference(string name)
    {
        var (tokenizer, expected) = Load(name);
        // The token of the unknown is a control token here, whatever the file says; a word's end is a space, also the last one's; and a
        // text that began with two spaces keeps one, where the library's Metaspace takes all of the first token's.
        var trims = (string?)expected["decoder"]!["type"] is "BPEDecoder" or "Metaspace";
        var texts = expected["texts"].Deserialize<string[]>()!.Select(text => Plain(text.Replace("<unk>", "", StringComparison.Ordinal)));
        Assert.All(
            expected["ids"].Deserialize<int[][]>()!.Zip(texts),
            pair => Assert.Equal(pair.Second, Plain(tokenizer.Decode(pair.First)))
        );

        string Plain(string text) => trims ? text.Trim() : text;
    }

    private (TextTokenizer Tokenizer, JsonObject Expected) Load(string name)
    {
        var expected = s_reference["tokenizers"]![name]!.AsObject();
        var model = s_reference["models"]![(string)expected["model"]!]!.DeepClone().AsObject();
        foreach (var (key, value) in expected["changes"]!.AsObject())
        {
            model[key] = value?.DeepClone();
        }

        if (model["type"] is null)
        {
            model.Remove("type");
        }

        var file = new JsonObject { ["model"] = model };
        foreach (var step in (string[])["normalizer", "pre_tokenizer", "decoder", "added_tokens"])
        {
            file[step] = expected[step]?.DeepClone();
        }

        File.WriteAllText(_folder.File("tokenizer.json"), file.ToJsonString());
        return (TextTokenizer.Load(_folder.Path), expected);
    }
}
