using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Models.Tests;

/// <summary>
/// A package as the published ones are: an assembly with <c>model.onnx</c> and <c>vocab.txt</c> in it, of a BERT with one layer of width 4.
/// </summary>
internal static class SmallPackage
{
    public const int Width = 4,
        Inner = 8,
        Positions = 16;
    public static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "where", "is", "my", "card", "##s", "?"];
    private const string Prefix = "Small.Resources.",
        Assembly = "lib/netstandard2.1/Small.dll";

    /// <summary>Writes the package and says what is known of it.</summary>
    public static PublishedEncoder Write(string path, byte[]? model = null, string? vocabulary = null)
    {
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Add(
                archive,
                "Small.Encoder.nuspec",
                Encoding.UTF8.GetBytes(
                    """
                    <?xml version="1.0"?><package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
                    <id>Small.Encoder</id><version>1.0.0</version><authors>a</authors><description>d</description></metadata></package>
                    """
                )
            );
            Add(
                archive,
                Assembly,
                AssemblyWith(
                    ("model.onnx", model ?? Model()),
                    ("vocab.txt", Encoding.UTF8.GetBytes(vocabulary ?? string.Join('\n', Vocabulary)))
                )
            );
        }

        var bytes = File.ReadAllBytes(path);
        return new(
            "small-encoder",
            "team/small-encoder",
            "Small.Encoder",
            "1.0.0",
            bytes.Length,
            Convert.ToBase64String(SHA512.HashData(bytes)),
            Assembly,
            Prefix,
            Heads: 2,
            SentencePooling.Mean,
            MaximumTokens: 16,
            "A small one."
        );
    }

    /// <summary>The number that stands at a place of a weight: each weight counts on from another start.</summary>
    public static float ValueAt(string weight, long index) => (weight.Length * 100) + index;

    /// <summary>A graph as PyTorch exports it: matrices turned and without names, found by the Add of their bias.</summary>
    public static byte[] Model(string? external = null, string? leaveOut = null)
    {
        var graph = new ProtobufWriter();
        foreach (var (name, shape) in Constants())
        {
            graph.Message(5, Tensor(name, shape, external == name));
        }

        var number = 0;
        foreach (var (name, input, output) in Maps())
        {
            var (matrix, product) = ($"{900 + number++}", $"product{number}");
            if (name != leaveOut)
            {
                graph.Message(1, Node("MatMul", ["states", matrix], [product]));
            }

            graph.Message(1, Node("Add", [name + ".bias", product], [$"sum{number}"]));
            graph.Message(5, Tensor(matrix, [input, output], external: false, name + ".weight"));
        }

        return new ProtobufWriter().Number(1, 7).Message(7, graph).Bytes;
    }

    private static IEnumerable<(string Name, long[] Shape)> Constants()
    {
        yield return ("embeddings.word_embeddings.weight", [Vocabulary.Length, Width]);
        yield return ("embeddings.position_embeddings.weight", [Positions, Width]);
        yield return ("embeddings.token_type_embeddings.weight", [2, Width]);
        foreach (var norm in (string[])["embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"])
        {
            yield return (norm + ".LayerNorm.weight", [Width]);
            yield return (norm + ".LayerNorm.bias", [Width]);
        }

        foreach (var (name, _, output) in Maps())
        {
            yield return (name + ".bias", [output]);
        }
    }

    private static IEnumerable<(string Name, int Input, int Output)> Maps()
    {
        foreach (var map in (string[])["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
        {
            yield return ("encoder.layer.0." + map, Width, Width);
        }

        yield return ("encoder.layer.0.intermediate.dense", Width, Inner);
        yield return ("encoder.layer.0.output.dense", Inner, Width);
    }

    private static ProtobufWriter Node(string operation, string[] inputs, string[] outputs)
    {
        var node = new ProtobufWriter();
        Array.ForEach(inputs, input => node.Text(1, input));
        Array.ForEach(outputs, output => node.Text(2, output));
        return node.Text(4, operation);
    }

    /// <param name="of">The weight of which this is the turned matrix.</param>
    private static ProtobufWriter Tensor(string name, long[] shape, bool external, string? of = null)
    {
        var tensor = new ProtobufWriter();
        Array.ForEach(shape, size => tensor.Number(1, (ulong)size));
        tensor.Number(2, 1).Text(8, name);
        var values = new float[shape.Aggregate((a, b) => a * b)];
        for (var i = 0L; i < values.Length; i++)
        {
            // [in, out] of the graph is [out, in] of the checkpoint.
            var at = of is null ? i : (i % shape[1] * shape[0]) + (i / shape[1]);
            values[i] = ValueAt(of ?? name, at);
        }

        return external ? tensor.Text(13, "location") : tensor.Field(9, [.. values.SelectMany(BitConverter.GetBytes)]);
    }

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        using var entry = archive.CreateEntry(name).Open();
        entry.Write(content);
    }

    public static byte[] AssemblyWith(params (string Name, byte[] Content)[] resources)
    {
        var (metadata, content) = (new MetadataBuilder(), new BlobBuilder());
        metadata.AddModule(0, metadata.GetOrAddString("Small.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        metadata.AddAssembly(
            metadata.GetOrAddString("Small"),
            new Version(1, 0),
            default,
            default,
            default,
            System.Reflection.AssemblyHashAlgorithm.Sha1
        );
        metadata.AddTypeDefinition(
            default,
            default,
            metadata.GetOrAddString("<Module>"),
            default,
            MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1)
        );
        foreach (var (name, bytes) in resources)
        {
            metadata.AddManifestResource(default, metadata.GetOrAddString(Prefix + name), default, (uint)content.Count);
            content.WriteInt32(bytes.Length);
            content.WriteBytes(bytes);
            content.Align(8);
        }

        var builder = new ManagedPEBuilder(
            PEHeaderBuilder.CreateLibraryHeader(),
            new MetadataRootBuilder(metadata),
            new BlobBuilder(),
            managedResources: content
        );
        var file = new BlobBuilder();
        builder.Serialize(file);
        return file.ToArray();
    }
}

/// <summary>Writes protocol buffer messages.</summary>
internal sealed class ProtobufWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public ProtobufWriter Number(int field, ulong value)
    {
        Varint((ulong)field << 3);
        Varint(value);
        return this;
    }

    public ProtobufWriter Field(int field, byte[] value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Field(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Message(int field, ProtobufWriter value) => Field(field, value.Bytes);

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
