using System.Security.Cryptography;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Export;

/// <summary>A tensor as the file's table has it.</summary>
/// <param name="Name">In the file.</param>
/// <param name="Shape">The outermost first.</param>
/// <param name="Format">Of its numbers.</param>
/// <param name="Start">Of its data, in the file.</param>
internal sealed record StoredTensor(string Name, long[] Shape, BlockFormat Format, long Start)
{
    public long Bytes => Format.BytesOf(Shape.Aggregate(1L, (product, size) => product * size));
}

/// <summary>The head of a GGUF file, read anew from the disk.</summary>
internal sealed class GgufFile
{
    private readonly string _path;

    /// <exception cref="ModelFileException">The file is no GGUF of version 3, or ends too early.</exception>
    public GgufFile(string path)
    {
        _path = path;
        using var stream = File.OpenRead(path);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            Require(reader.ReadBytes(4).AsSpan().SequenceEqual("GGUF"u8), "doesn't begin as GGUF does");
            Require(reader.ReadUInt32() == GgufWriter.Version, "is of another version");
            var (tensors, keys) = (reader.ReadInt64(), reader.ReadInt64());
            Metadata = Enumerable.Range(0, checked((int)keys)).Select(_ => ReadEntry(reader)).ToDictionary();
            var table = Enumerable.Range(0, checked((int)tensors)).Select(_ => ReadTensor(reader)).ToList();
            var start = GgufWriter.Aligned(stream.Position);
            Tensors = [.. table.Select(tensor => tensor with { Start = start + tensor.Start })];
            Require(Tensors.All(tensor => tensor.Start + tensor.Bytes <= stream.Length), "ends before its tensors do");
        }
        catch (EndOfStreamException exception)
        {
            throw new ModelFileException("The file ends within its head.", exception);
        }
    }

    /// <summary>Numbers, texts, truths, and lists of them.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    public IReadOnlyList<StoredTensor> Tensors { get; }

    /// <returns>SHA-256 of a tensor's bytes as they are on the disk.</returns>
    public string HashOf(StoredTensor tensor, CancellationToken cancellationToken)
    {
        using var stream = File.OpenRead(_path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        stream.Position = tensor.Start;
        var buffer = new byte[1 << 20];
        for (var left = tensor.Bytes; left > 0; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            stream.ReadExactly(part);
            hash.AppendData(part);
            left -= part.Length;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static KeyValuePair<string, object> ReadEntry(BinaryReader reader) =>
        new(ReadText(reader), ReadValue(reader, (GgufValueType)reader.ReadUInt32()));

    private static object ReadValue(BinaryReader reader, GgufValueType type) =>
        type switch
        {
            GgufValueType.UInt32 => reader.ReadUInt32(),
            GgufValueType.Int32 => reader.ReadInt32(),
            GgufValueType.Float32 => reader.ReadSingle(),
            GgufValueType.Bool => reader.ReadByte() != 0,
            GgufValueType.Text => ReadText(reader),
            GgufValueType.Array => ReadArray(reader),
            _ => throw new ModelFileException($"The file has a value of type {type}, which is not written here."),
        };

    private static List<object> ReadArray(BinaryReader reader)
    {
        var (type, count) = ((GgufValueType)reader.ReadUInt32(), reader.ReadInt64());
        return [.. Enumerable.Range(0, checked((int)count)).Select(_ => ReadValue(reader, type))];
    }

    private static StoredTensor ReadTensor(BinaryReader reader)
    {
        var name = ReadText(reader);
        long[] shape = [.. Enumerable.Range(0, checked((int)reader.ReadUInt32())).Select(_ => reader.ReadInt64())];
        return new(name, [.. shape.AsEnumerable().Reverse()], BlockFormats.WithId(reader.ReadUInt32()), reader.ReadInt64());
    }

    private static string ReadText(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes(checked((int)reader.ReadInt64())));

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ModelFileException($"The file {otherwise}.");
        }
    }
}
