using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Tokenizing.Tests;

/// <summary>
/// Ids that the ecosystem's own library gives for the lines in <c>Reference/lines.json</c>, tokenizer by tokenizer
/// (<c>Reference/README.md</c> says how they were made): mixed scripts, signs, odd white space and joiners, and pairs cut to several
/// lengths.
/// </summary>
public sealed class ReferenceTests : IDisposable
{
    private static readonly string s_reference = Path.Combine(AppContext.BaseDirectory, "Reference");
    private static readonly string[] s_lines = JsonSerializer.Deserialize<string[]>(
        File.ReadAllText(Path.Combine(s_reference, "lines.json"))
    )!;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names =>
        ["bert-uncased", "bert-cased", "bert-accents", "bert-plain", "roberta", "roberta-prefix", "modernbert", "xlmr", "xlmr-new"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_LinesOfManyScripts_EqualsTheReference(string name)
    {
        var (tokenizer, reference) = Load(name);
        var wrong = reference["plain"]!
            .AsArray()
            .Select((ids, line) => (Line: s_lines[line], Expected: ids is null ? null : Numbers(ids)))
            .Where(pair => pair.Expected is not null && string.Join(' ', tokenizer.Encode(pair.Line)) != pair.Expected)
            .Select(pair => $"{JsonSerializer.Serialize(pair.Line)}\n  {pair.Expected}\n  {string.Join(' ', tokenizer.Encode(pair.Line))}")
            .ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} lines differ:\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EncodeForAnEncoder_TextsAndPairsCutToALength_EqualTheReference(string name)
    {
        var (tokenizer, reference) = Load(name);
        var inputs = reference["inputs"]!.AsArray();
        Assert.NotEmpty(inputs);
        foreach (var input in inputs)
        {
            var (first, second) = (s_lines[(int)input!["first"]!], input["second"] is { } index ? s_lines[(int)index] : null);
            var encoded = tokenizer.Encode(first, second, (int)input["max"]!);
            Assert.Equal(Numbers(input["ids"]!), string.Join(' ', encoded.Ids));
            Assert.Equal(Numbers(input["types"]!), string.Join(' ', encoded.Types));
            var whole = tokenizer.MarkCount(second is not null) + tokenizer.Count(first) + (second is null ? 0 : tokenizer.Count(second));
            Assert.Equal(whole > encoded.Ids.Length, encoded.Truncated);
        }
    }

    [Theory]
    [InlineData("bert-uncased", "{}")]
    [InlineData("bert-cased", """{"do_lower_case": false}""")]
    [InlineData("bert-accents", """{"do_lower_case": true, "strip_accents": false, "tokenize_chinese_chars": true}""")]
    public void VocabularyTextAlone_WithItsConfiguration_EqualsTokenizerJson(string name, string config)
    {
        var (whole, reference) = Load(name);
        var vocabulary = reference["tokenizer"]!["model"]!["vocab"]!.AsObject().OrderBy(pair => (int)pair.Value!).Select(pair => pair.Key);
        File.Delete(_folder.File("tokenizer.json"));
        File.WriteAllText(_folder.File("vocab.txt"), string.Join('\n', vocabulary) + "\n");
        if (config != "{}")
        {
            File.WriteAllText(_folder.File("tokenizer_config.json"), config);
        }

        var alone = TextTokenizer.Load(_folder.Path);
        Assert.All(
            s_lines,
            line =>
                Assert.Equal(
                    whole.Encode(line, "a", 64),
                    alone.Encode(line, "a", 64),
                    (a, b) => a.Ids.SequenceEqual(b.Ids) && a.Types.SequenceEqual(b.Types)
                )
        );
    }

    [Fact]
    public void VocabJsonAndMerges_OfRoberta_EqualTokenizerJson()
    {
        var (whole, reference) = Load("roberta");
        var model = reference["tokenizer"]!["model"]!;
        File.Delete(_folder.File("tokenizer.json"));
        File.WriteAllText(_folder.File("vocab.json"), model["vocab"]!.ToJsonString());
        File.WriteAllText(
            _folder.File("merges.txt"),
            "#version: 0.2\n" + string.Join('\n', model["merges"]!.AsArray().Select(merge => (string)merge!)) + "\n"
        );
        File.WriteAllText(_folder.File("tokenizer_config.json"), """{"tokenizer_class": "RobertaTokenizer"}""");
        var alone = TextTokenizer.Load(_folder.Path);
        Assert.All(s_lines, line => Assert.Equal(whole.Encode(line, line, 32).Ids, alone.Encode(line, line, 32).Ids));
    }

    [Fact]
    public void TokenizerJson_OfOldWithoutAKind_IsReadByWhatItHas()
    {
        foreach (var name in (string[])["bert-uncased", "roberta", "xlmr"])
        {
            var (whole, reference) = Load(name);
            reference["tokenizer"]!["model"]!.AsObject().Remove("type");
            File.WriteAllText(_folder.File("tokenizer.json"), reference["tokenizer"]!.ToJsonString());
            var old = TextTokenizer.Load(_folder.Path);
            Assert.All(s_lines, line => Assert.Equal(whole.Encode(line), old.Encode(line)));
        }
    }

    [Fact]
    public void TokenizerConfig_OfABertClass_SaysHowTextIsWritten()
    {
        var (cased, _) = Load("bert-cased");
        Load("bert-uncased");
        File.WriteAllText(_folder.File("tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "do_lower_case": false}""");
        Assert.Equal(cased.Encode("The CARD é"), TextTokenizer.Load(_folder.Path).Encode("The CARD é"));
        File.WriteAllText(
            _folder.File("tokenizer_config.json"),
            """{"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": false}"""
        );
        Assert.NotEqual(cased.Encode("The CARD é"), TextTokenizer.Load(_folder.Path).Encode("The CARD é"));
    }

    [Fact]
    public void TokenizerJson_ThatIsALink_IsRead()
    {
        var (_, reference) = Load("bert-uncased");
        File.Move(_folder.File("tokenizer.json"), _folder.File("blob"));
        File.CreateSymbolicLink(_folder.File("tokenizer.json"), "blob");
        Assert.Equal(Numbers(reference["plain"]![0]!), string.Join(' ', TextTokenizer.Load(_folder.Path).Encode(s_lines[0])));
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Vowels"}""", "Vowels")]
    [InlineData("pre_tokenizer", """{"type":"UnicodeScripts"}""", "UnicodeScripts")]
    [InlineData("post_processor", """{"type":"Rhymes"}""", "Rhymes")]
    public void Load_StepThatIsNotKnown_IsRefusedByItsName(string step, string value, string named)
    {
        var (_, reference) = Load("bert-uncased");
        reference["tokenizer"]![step] = JsonNode.Parse(value);
        File.WriteAllText(_folder.File("tokenizer.json"), reference["tokenizer"]!.ToJsonString());
        Assert.Contains(
            named,
            Assert.Throws<Protocol.ModelFileException>(() => TextTokenizer.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void EncodeForAnEncoder_MarksInATextOfUsers_AreSpelledOut()
    {
        var (tokenizer, _) = Load("bert-uncased");
        var ids = tokenizer.Encode("the [SEP] card [CLS]", "[SEP]", 64).Ids;
        Assert.Equal(1, ids.Count(id => id == 2));
        Assert.Equal(2, ids.Count(id => id == 3));
    }

    [Fact]
    public void Encode_LoneSurrogates_AreReplacedAsInAFile()
    {
        var (tokenizer, _) = Load("bert-uncased");
        Assert.Equal(tokenizer.Encode("the card"), tokenizer.Encode("the \ud800card\udc00"));
    }

    [Fact]
    public void EncodeForAnEncoder_TokenizerWithoutMarks_IsRefused()
    {
        TokenizerWriter.Write(SmallVocabulary.Train(), _folder.Path, contextTokens: 64);
        var tokenizer = TextTokenizer.Load(_folder.Path);
        Assert.False(tokenizer.ReadsForEncoder);
        Assert.Throws<Protocol.ModelFileException>(() => tokenizer.Encode("the card", null, 16));
    }

    private (TextTokenizer Tokenizer, JsonNode Reference) Load(string name)
    {
        var reference = JsonNode.Parse(File.ReadAllText(Path.Combine(s_reference, name + ".json")))!;
        File.WriteAllText(_folder.File("tokenizer.json"), reference["tokenizer"]!.ToJsonString());
        return (TextTokenizer.Load(_folder.Path), reference);
    }

    private static string Numbers(JsonNode ids) => string.Join(' ', ids.AsArray().Select(id => (int)id!));
}
