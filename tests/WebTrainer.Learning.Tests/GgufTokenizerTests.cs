using System.Text.Json.Nodes;
using WebTrainer.Learning.Export;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Tokenizers of each kind that is written give the same tokens in llama.cpp as here.</summary>
[Trait("Category", "Slow")]
public sealed class GgufTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Each pattern has the name under which llama.cpp cuts so, and gives the same tokens there as here.</summary>
    [Theory]
    [InlineData("gpt-2", """{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""", false)]
    [InlineData(
        "smollm",
        """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}""",
        false
    )]
    [InlineData("dbrx", "Llama3", false)]
    [InlineData("llama-bpe", "Llama3", true)]
    [InlineData("qwen2", "Qwen2", false)]
    public void Cutting_HasItsName_AndGivesTheSameTokens(string name, string cutting, bool ignoresMerges)
    {
        var folder = Directory.CreateDirectory(_folder.File("base")).FullName;
        foreach (var file in Directory.EnumerateFiles(ShippedFolder.Find()))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var step = cutting switch
        {
            "Llama3" => Split(WordPattern.Llama3),
            "Qwen2" => Split(WordPattern.Qwen2),
            _ => JsonNode.Parse(cutting)!,
        };
        Change(
            Path.Combine(folder, "tokenizer.json"),
            root =>
            {
                root["pre_tokenizer"] = step;
                root["model"]!["ignore_merges"] = ignoresMerges;
            }
        );
        Write(folder);
        var path = Path.Combine(_folder.File("out"), GgufExport.FileName);
        Assert.Equal(name, new GgufFile(path).Metadata["tokenizer.ggml.pre"]);
        var tokenizer = TextTokenizer.Load(folder);
        using var theirs = new LlamaCpp(path);
        Assert.All(GgufPrompts.Texts, text => Assert.Equal(tokenizer.Encode(text), theirs.Tokens(text, control: false)));
    }

    /// <summary>SentencePiece's BPE as files write it: Llama 2's with a space before each text, Gemma's without, in both ways.</summary>
    [Theory]
    [InlineData("""{"normalizer":{"type":"Sequence","normalizers":[PREPEND,REPLACE]},"pre_tokenizer":null}""", true)]
    [InlineData(
        """{"normalizer":null,"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}}""",
        false
    )]
    [InlineData(
        """{"normalizer":REPLACE,"pre_tokenizer":{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}}""",
        false
    )]
    public void Characters_GiveTheSameTokens(string steps, bool addsSpace)
    {
        var folder = Directory.CreateDirectory(_folder.File("base")).FullName;
        var rows = SmallPieces.Write(
            folder,
            steps
                .Replace("PREPEND", """{"type":"Prepend","prepend":"▁"}""", StringComparison.Ordinal)
                .Replace("REPLACE", """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", StringComparison.Ordinal)
        );
        var config = TinyModel.Config(rows);
        Models.ModelStore.Save(
            folder,
            config,
            Models.ModelStore.Create(config, ScalarType.Float32, seed: 3).Parameters,
            ScalarType.Float32
        );
        Write(folder);
        var path = Path.Combine(_folder.File("out"), GgufExport.FileName);
        Assert.Equal(addsSpace, new GgufFile(path).Metadata["tokenizer.ggml.add_space_prefix"]);
        var tokenizer = TextTokenizer.Load(folder);
        using var theirs = new LlamaCpp(path);
        Assert.All(GgufPrompts.Texts, text => Assert.Equal(tokenizer.Encode(text), theirs.Tokens(text, control: false)));
        Assert.Equal(tokenizer.EncodeTemplate("<s>one</s>two"), theirs.Tokens("<s>one</s>two", control: true));
        Assert.Contains(GgufPrompts.Texts, text => tokenizer.Encode(text).Count < text.Length / 2); // merges are used
    }

    [Fact]
    public void Characters_WithASpaceBeforeSomeTextsOnly_AreRefused()
    {
        var folder = Directory.CreateDirectory(_folder.File("base")).FullName;
        var rows = SmallPieces.Write(
            folder,
            """{"normalizer":null,"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}}"""
        );
        var config = TinyModel.Config(rows);
        Models.ModelStore.Save(folder, config, Models.ModelStore.Create(config, ScalarType.Float32, 3).Parameters, ScalarType.Float32);
        var exception = Assert.Throws<ModelFileException>(() => Write(folder));
        Assert.Contains("changes and cuts texts by Metaspace", exception.Message, StringComparison.Ordinal);
    }

    private void Write(string folder) =>
        GgufExport.Write(_folder.File("out"), folder, null, GgufWeights.F32, TestContext.Current.CancellationToken);

    private static JsonNode Split(string pattern) =>
        new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "Split",
                    ["pattern"] = new JsonObject { ["Regex"] = pattern },
                    ["behavior"] = "Isolated",
                    ["invert"] = false,
                },
                new JsonObject
                {
                    ["type"] = "ByteLevel",
                    ["add_prefix_space"] = false,
                    ["use_regex"] = false,
                }
            ),
        };

    private static void Change(string path, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }
}
