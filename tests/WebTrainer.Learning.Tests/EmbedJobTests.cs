using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>From texts to vectors, against Torch's own encoder layers.</summary>
public sealed class EmbedJobTests : IDisposable
{
    private static readonly TinyBert s_bert = new()
    {
        Words = ["where", "is", "my", "card", "send", "money", "abroad", "the", "weather", "lisbon", "june", "in"],
    };

    private static readonly string[] s_texts =
    [
        "Where is my card?",
        "where is MY card",
        "Send money abroad.",
        "The weather in Lisbon in June",
        "zebra",
        "money, money, money! Where is the money?",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("cls_token")]
    public void Vectors_EqualThoseOfTorchsOwnLayers(string? pooling)
    {
        var model = s_bert.Write(_folder.File("bert"));
        WritePooling(model, pooling);
        var encoder = SentenceEncoder.Load(model, ScalarType.Float32, CPU);
        int[][] tokens = [.. s_texts.Select(text => encoder.Encode(text).Tokens)];
        using var vectors = encoder.Embed(tokens);
        var weights = Safetensors.Read(Path.Combine(model, "model.safetensors"));
        for (var row = 0; row < tokens.Length; row++)
        {
            using var _ = no_grad();
            var hidden = Reference(weights, tokens[row]);
            var pooled = pooling is null ? hidden.mean([0]) : hidden[0];
            var expected = pooled / pooled.norm();
            Assert.True((vectors[row] - expected).abs().max().item<float>() < 1e-5);
        }
    }

    /// <summary>What the job writes is rounded to eight bits, and on some machines computed in sixteen.</summary>
    [Fact]
    public void Job_WritesDirections_WithinAHundredthOfTheExactCosine()
    {
        var model = s_bert.Write(_folder.File("bert"));
        var (facts, bytes) = Run(model, s_texts);
        Assert.Equal(new TextVectors(s_texts.Length, 64, Truncated: 0, MaximumTokens: 64), facts);
        var encoder = SentenceEncoder.Load(model, ScalarType.Float32, CPU);
        using var vectors = encoder.Embed([.. s_texts.Select(text => encoder.Encode(text).Tokens)]);
        for (var a = 0; a < s_texts.Length; a++)
        {
            for (var b = 0; b < s_texts.Length; b++)
            {
                Assert.Equal(vectors[a].dot(vectors[b]).item<float>(), Cosine(bytes[a], bytes[b]), 0.01);
            }
        }

        // Case doesn't count in this vocabulary, and other words do.
        Assert.True(Cosine(bytes[0], bytes[1]) > 0.85);
        Assert.True(Cosine(bytes[0], bytes[2]) < 0.7);
    }

    [Fact]
    public void Vectors_DoNotDependOnWhatStandsBesideThem()
    {
        var encoder = SentenceEncoder.Load(s_bert.Write(_folder.File("bert")), ScalarType.Float32, CPU);
        int[][] tokens = [.. s_texts.Select(text => encoder.Encode(text).Tokens)];
        using var together = encoder.Embed(tokens);
        for (var row = 0; row < tokens.Length; row++)
        {
            using var alone = encoder.Embed([tokens[row]]);
            Assert.True((together[row] - alone[0]).abs().max().item<float>() < 1e-5);
        }
    }

    /// <summary>So that a recipe replays: rows are looked at by several threads, and their texts come in any order.</summary>
    [Fact]
    public void Job_TextsInAnotherOrder_GivesTheSameBytes()
    {
        var model = s_bert.Write(_folder.File("bert"));
        string[] texts =
        [
            .. Enumerable
                .Range(0, 700)
                .Select(i =>
                    string.Join(' ', Enumerable.Range(0, (i % 23) + 1).Select(j => s_bert.Words[(i * 7 + j * 5) % s_bert.Words.Count]))
                    + $" {i}"
                ),
        ];
        var (_, forwards) = Run(model, texts);
        var (_, backwards) = Run(model, [.. texts.Reverse()]);
        backwards.Reverse();
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(forwards[i], backwards[i]);
        }
    }

    [Fact]
    public void Job_TextLongerThanTheModelReads_IsCutAndCounted()
    {
        var model = s_bert.Write(_folder.File("bert"));
        var beginning = string.Join(' ', Enumerable.Repeat("card", 62));
        var (facts, bytes) = Run(model, [beginning, beginning + " money abroad", "card"]);
        Assert.Equal((1, 64), (facts.Truncated, facts.MaximumTokens));
        Assert.Equal(1, Cosine(bytes[0], bytes[1]), 0.001);

        File.WriteAllText(Path.Combine(model, SentenceFiles.Settings), """{"max_seq_length": 4, "do_lower_case": false}""");
        (facts, bytes) = Run(model, ["where is my card", "where is", "card"]);
        Assert.Equal((1, 4), (facts.Truncated, facts.MaximumTokens));
        Assert.Equal(1, Cosine(bytes[0], bytes[1]), 0.001);
    }

    [Theory]
    [InlineData("bert.", false)]
    [InlineData("bert.", true)]
    [InlineData("", true)]
    public void Weights_UnderOtherNames_AreTheSameModel(string prefix, bool oldNorms)
    {
        var plain = SentenceEncoder.Load(s_bert.Write(_folder.File("plain")), ScalarType.Float32, CPU);
        var other = SentenceEncoder.Load(
            (s_bert with { Prefix = prefix, OldNorms = oldNorms }).Write(_folder.File("other")),
            ScalarType.Float32,
            CPU
        );
        using var expected = plain.Embed([plain.Encode(s_texts[0]).Tokens]);
        using var actual = other.Embed([other.Encode(s_texts[0]).Tokens]);
        Assert.True(expected.Equals(actual));
    }

    [Theory]
    [InlineData("pooling", """{"pooling_mode_max_tokens": true, "pooling_mode_mean_tokens": false}""", "max_tokens")]
    [InlineData("pooling", """{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}""", "cls_token, mean_tokens")]
    [InlineData("pooling", """{"pooling_mode": "lasttoken"}""", "lasttoken")]
    [InlineData("pooling", "{", "can't be read")]
    [InlineData(
        "modules",
        """[{"type": "sentence_transformers.models.Transformer", "path": ""}, {"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]""",
        "Dense"
    )]
    [InlineData(
        "modules",
        """[{"type": "sentence_transformers.models.Transformer", "path": ""}, {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]""",
        "is missing"
    )]
    [InlineData("modules", """[{"type": "sentence_transformers.models.Transformer", "path": "../0_Transformer"}]""", "at the top")]
    [InlineData("modules", """{"type": "Transformer"}""", "no list")]
    [InlineData("settings", """{"max_seq_length": 2}""", "max_seq_length")]
    public void Folder_ThatMakesItsVectorsOtherwise_IsRefusedByName(string file, string text, string named)
    {
        var model = s_bert.Write(_folder.File("bert"));
        var path = Path.Combine(
            model,
            file switch
            {
                "pooling" => SentenceFiles.Pooling,
                "modules" => SentenceFiles.Modules,
                _ => SentenceFiles.Settings,
            }
        );
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        Assert.Contains(
            named,
            Assert.Throws<ModelFileException>(() => SentenceEncoder.Load(model, ScalarType.Float32, CPU)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Folder_OfSentenceTransformers_IsReadAsItSays()
    {
        var model = s_bert.Write(_folder.File("bert"));
        File.WriteAllText(
            Path.Combine(model, SentenceFiles.Modules),
            """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """
        );
        WritePooling(model, "cls_token");
        Assert.Equal(new SentenceSettings(PoolingKind.Cls, null, LowerCase: false), SentenceSettings.Read(model));
    }

    [Fact]
    public void Tokenizer_WithoutMarks_IsRefused()
    {
        var model = s_bert.Write(_folder.File("bert"));
        var path = Path.Combine(model, "tokenizer.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("[CLS]", "<none>", StringComparison.Ordinal));
        Assert.Contains(
            "[CLS]",
            Assert.Throws<ModelFileException>(() => SentenceEncoder.Load(model, ScalarType.Float32, CPU)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Check_OfAnEncoder_ComparesTwoSentences()
    {
        var folder = NewRun();
        using var events = new EventWriter(folder.Events);
        new CheckJob(TestJobs.Context(folder, new CheckSpec { BaseModel = s_bert.Write(_folder.File("bert")), Threads = 1 }, events)).Run(
            TestContext.Current.CancellationToken
        );
        var check = JsonSerializer.Deserialize<ModelCheck>(File.ReadAllText(folder.Check), ProtocolJson.Document)!;
        Assert.Equal(("", 64), (check.Answer, check.ContextTokens));
        Assert.InRange(check.Likeness!.Value, -1, 1);
    }

    [Fact]
    public void Job_Cancelled_LeavesNoVectors()
    {
        var folder = NewRun();
        File.WriteAllLines(folder.Texts, s_texts.Select(text => JsonSerializer.Serialize(text)));
        using var events = new EventWriter(folder.Events);
        var context = Context(folder, s_bert.Write(_folder.File("bert")), events);
        Assert.Throws<OperationCanceledException>(() => new EmbedJob(context).Run(new CancellationToken(canceled: true)));
        Assert.False(File.Exists(folder.Vectors) || File.Exists(folder.VectorFacts));
    }

    [Fact]
    public void Quantise_ValueThatIsNoNumber_IsRefused() =>
        Assert.Throws<ModelFileException>(() => EmbedJob.Quantise([0.5f, float.NaN], new sbyte[2]));

    private (TextVectors Facts, List<sbyte[]> Vectors) Run(string model, string[] texts)
    {
        var folder = NewRun();
        File.WriteAllLines(folder.Texts, texts.Select(text => JsonSerializer.Serialize(text, ProtocolJson.Line)));
        using var events = new EventWriter(folder.Events);
        new EmbedJob(Context(folder, model, events)).Run(TestContext.Current.CancellationToken);
        var facts = JsonSerializer.Deserialize<TextVectors>(File.ReadAllText(folder.VectorFacts), ProtocolJson.Document)!;
        List<sbyte[]> vectors =
        [
            .. File.ReadAllBytes(folder.Vectors).Chunk(facts.Dimensions).Select(bytes => MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray()),
        ];
        Assert.Equal(texts.Length, vectors.Count);
        Assert.All(vectors, vector => Assert.Equal(127, vector.Max(value => Math.Abs((int)value))));
        Assert.Contains(
            new EventReader(folder.Events).Read().Events,
            entry => entry is ProgressEvent { Done: > 0 } progress && progress.Done == progress.Total
        );
        return (facts, vectors);
    }

    private RunFolder NewRun() => new(Directory.CreateDirectory(_folder.File(Guid.NewGuid().ToString("N"))).FullName);

    private static JobContext<EmbedSpec> Context(RunFolder folder, string model, EventWriter events) =>
        TestJobs.Context(folder, new EmbedSpec { BaseModel = model, Threads = 1 }, events);

    private static void WritePooling(string model, string? kind)
    {
        if (kind is not null)
        {
            Directory.CreateDirectory(Path.Combine(model, SentenceFiles.PoolingFolder));
            File.WriteAllText(
                Path.Combine(model, SentenceFiles.Pooling),
                $$"""{"word_embedding_dimension": 64, "pooling_mode_{{kind}}": true, "pooling_mode_max_tokens": false}"""
            );
        }
    }

    private static double Cosine(sbyte[] a, sbyte[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

    private static double Dot(sbyte[] a, sbyte[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    /// <summary>States <c>[tokens, hidden]</c> of one text alone.</summary>
    private static Tensor Reference(Dictionary<string, Tensor> weights, int[] tokens)
    {
        Tensor W(string name) => weights[name];
        Tensor Normal(Tensor x, string of) =>
            nn.functional.layer_norm(x, [s_bert.Hidden], W(of + ".LayerNorm.weight"), W(of + ".LayerNorm.bias"), eps: 1e-5);
        var x =
            W("embeddings.word_embeddings.weight").index_select(0, tensor(tokens.Select(id => (long)id).ToArray()))
            + W("embeddings.position_embeddings.weight").narrow(0, 0, tokens.Length)
            + W("embeddings.token_type_embeddings.weight")[0];
        x = Normal(x, "embeddings").unsqueeze(1); // [tokens, 1, hidden]
        for (var i = 0; i < s_bert.Layers; i++)
        {
            var layer = nn.TransformerEncoderLayer(s_bert.Hidden, s_bert.Heads, s_bert.Inner, dropout: 0, activation: nn.Activations.GELU);
            layer.eval();
            var at = $"encoder.layer.{i}.";
            var own = layer.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
            foreach (var kind in (string[])["weight", "bias"])
            {
                own[$"self_attn.in_proj_{kind}"]
                    .copy_(cat([.. new[] { "query", "key", "value" }.Select(part => W($"{at}attention.self.{part}.{kind}"))]));
                own[$"self_attn.out_proj.{kind}"].copy_(W($"{at}attention.output.dense.{kind}"));
                own[$"linear1.{kind}"].copy_(W($"{at}intermediate.dense.{kind}"));
                own[$"linear2.{kind}"].copy_(W($"{at}output.dense.{kind}"));
                own[$"norm1.{kind}"].copy_(W($"{at}attention.output.LayerNorm.{kind}"));
                own[$"norm2.{kind}"].copy_(W($"{at}output.LayerNorm.{kind}"));
            }

            x = layer.forward(x);
        }

        return x.squeeze(1);
    }
}
