using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing.Tests;

/// <summary>Tokenizers of other makers: each kind of file cuts text as its maker does.</summary>
public sealed class TokenizerKindTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Gpt2Files_ReferenceVectors_AreExact()
    {
        var source = SharedFiles.Find("data", "gpt2_tokenizer");
        File.Copy(Path.Combine(source, "gpt2_vocab.json"), _folder.File("vocab.json"));
        File.Copy(Path.Combine(source, "gpt2_merges.txt"), _folder.File("merges.txt"));
        var tokenizer = TextTokenizer.Load(_folder.Path);
        var texts = File.ReadAllText(Path.Combine(source, "vectors.inp")).Split("\n__ggml_vocab_test__\n");
        var lines = File.ReadAllLines(Path.Combine(source, "vectors.out"));
        Assert.Equal(46, lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.Equal(lines[i].Trim(), string.Join(' ', tokenizer.Encode(texts[i])));
            Assert.Equal(texts[i], tokenizer.Decode(tokenizer.Encode(texts[i])));
        }

        Assert.Equal(50257, tokenizer.Size);
        Assert.Equal([50256], tokenizer.EncodeTemplate("<|endoftext|>"));
        Assert.DoesNotContain(50256, tokenizer.Encode("<|endoftext|>"));
    }

    [Fact]
    public void MergedPieces_UnknownCharacter_FallsBackToItsBytes()
    {
        var tokenizer = Load(
            "BPE",
            MergedVocabulary(),
            """, "unk_token": "<unk>", "byte_fallback": true, "merges": ["h e", "l l", "▁ he", "▁he ll", "▁hell o"]""",
            """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""",
            "null"
        );
        Assert.Equal(["▁hello", "▁he"], Names(tokenizer, "hello he"));
        Assert.Equal("hello ☃", tokenizer.Decode(tokenizer.Encode("hello ☃")));
        Assert.Equal(3, tokenizer.Encode("☃").Count(id => tokenizer.BytesOf(id).Length == 1 && tokenizer.BytesOf(id)[0] > 127));
        Assert.DoesNotContain(tokenizer.Encode("</s>"), tokenizer.IsSpecial);
        Assert.Equal([2], tokenizer.EncodeTemplate("</s>"));
    }

    [Fact]
    public void Unigram_TwoWaysToCut_TakesTheLikelier()
    {
        // ▁un + able: -2 - 2 = -4; ▁u + nable: -3 - 5 = -8
        const string Vocabulary =
            """[["<pad>",0],["</s>",0],["<unk>",0],["▁",-4],["▁un",-2],["able",-2],["▁u",-3],["nable",-5],["a",-6],["b",-6],["l",-6],["e",-6],["n",-6],["u",-6]]""";
        var tokenizer = Load(
            "Unigram",
            Vocabulary,
            """, "unk_id": 2""",
            "null",
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}"""
        );
        Assert.Equal(["▁un", "able"], Names(tokenizer, "unable"));
        Assert.Equal("unable able", tokenizer.Decode(tokenizer.Encode("unable able")));
        Assert.DoesNotContain(tokenizer.Encode("</s>"), id => id == 1);
    }

    [Fact]
    public void WordPiece_LongestPieceFirst_AsInBertsPaper()
    {
        const string Vocabulary =
            """{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"un":5,"##aff":6,"##able":7,"want":8,"##ed":9,",":10,"a":11}""";
        var tokenizer = Load(
            "WordPiece",
            Vocabulary,
            """, "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100""",
            """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""",
            """{"type":"BertPreTokenizer"}""",
            """[{"id":2,"content":"[CLS]","special":true},{"id":3,"content":"[SEP]","special":true},{"id":1,"content":"[UNK]","special":true}]"""
        );
        Assert.Equal([5, 6, 7, 10, 8, 9, 1], tokenizer.Encode("UNaffáble, wanted xyz"));
        Assert.Equal("unaffable , wanted", tokenizer.Decode(tokenizer.Encode("unaffable, wanted")));
        Assert.DoesNotContain(2, tokenizer.Encode("[CLS]"));
    }

    [Fact]
    public void AddedTokens_NotSpecial_AreFoundInAnyText()
    {
        TokenizerWriter.Write(SmallVocabulary.Train(), _folder.Path, contextTokens: 64);
        var path = _folder.File("tokenizer.json");
        File.WriteAllText(
            path,
            File.ReadAllText(path)
                .Replace(
                    "\"added_tokens\": [",
                    "\"added_tokens\": [{\"id\": 400, \"content\": \"====\", \"special\": false},",
                    StringComparison.Ordinal
                )
        );
        var tokenizer = TextTokenizer.Load(_folder.Path);
        Assert.Contains(400, tokenizer.Encode("the ==== card"));
        Assert.Equal("the ==== card", tokenizer.Decode(tokenizer.Encode("the ==== card")));
    }

    [Theory]
    [InlineData("""{"type":"Unigram","unk_id":0,"vocab":[["a","b"]]}""")]
    [InlineData("""{"type":"Unigram","unk_id":9,"vocab":[["a",1]]}""")]
    [InlineData("""{"type":"WordPiece","vocab":{"a":2147483647}}""")]
    [InlineData("""{"type":"BPE","byte_fallback":true,"vocab":{"a":-1},"merges":[]}""")]
    [InlineData("""{"type":"BPE","byte_fallback":true,"vocab":{},"merges":[]}""")]
    [InlineData("""{"type":"WordLevel","vocab":{}}""")]
    [InlineData("[1,2]")]
    public void Load_HostileTables_AreRefused(string model)
    {
        File.WriteAllText(
            _folder.File("tokenizer.json"),
            $$"""{"added_tokens":[],"normalizer":null,"pre_tokenizer":null,"model":{{model}} }"""
        );
        Assert.Throws<ModelFileException>(() => TextTokenizer.Load(_folder.Path));
    }

    [Fact]
    public void Load_SentencePieceFileOfRubbish_IsRefused()
    {
        File.WriteAllBytes(_folder.File("tokenizer.model"), [10, 255, 255, 255, 255, 15, 1, 2, 3]);
        Assert.Throws<ModelFileException>(() => TextTokenizer.Load(_folder.Path));
    }

    private TextTokenizer Load(string type, string vocabulary, string rest, string normaliser, string preTokenizer, string added = "[]")
    {
        File.WriteAllText(
            _folder.File("tokenizer.json"),
            $$"""{"added_tokens":{{added}},"normalizer":{{normaliser}},"pre_tokenizer":{{preTokenizer}},"model":{"type":"{{type}}","vocab":{{vocabulary}}{{rest}} } }"""
        );
        return TextTokenizer.Load(_folder.Path);
    }

    private static IEnumerable<string> Names(TextTokenizer tokenizer, string text) =>
        tokenizer.Encode(text).Select(id => Encoding.UTF8.GetString(tokenizer.BytesOf(id)).Replace(' ', '▁'));

    private static string MergedVocabulary()
    {
        List<string> pieces =
        [
            "<unk>",
            "<s>",
            "</s>",
            .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"),
            "he",
            "ll",
            "▁he",
            "▁hell",
            "▁hello",
            "▁",
            "h",
            "e",
            "l",
            "o",
        ];
        return JsonSerializer.Serialize(pieces.Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id));
    }
}
