using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Checkpoints;

/// <summary>Reads and writes tensors in the safetensors format.</summary>
public static class Safetensors
{
    /// <summary>Reads all tensors, streamed: a tensor's bytes go from the file into its own memory.</summary>
    /// <returns>Tensors on the CPU, owned by the caller.</returns>
    /// <exception cref="ModelFileException">The file is missing, not safetensors, or contradicts itself.</exception>
    public static Dictionary<string, Tensor> Read(string path, CancellationToken cancellationToken = default)
    {
        using var file = Open(path);
        var header = SafetensorsHeader.Read(file);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var entry in header.Entries.Values.OrderBy(entry => entry.Begin))
        {
            cancellationToken.ThrowIfCancellationRequested();
            tensors[entry.Name] = ReadTensor(file, entry);
        }

        return tensors;
    }

    /// <summary>Names, types, shapes and places of the tensors, without reading their bytes.</summary>
    /// <exception cref="ModelFileException">The file is missing, not safetensors, or contradicts itself.</exception>
    public static SafetensorsHeader ReadHeader(string path)
    {
        using var file = Open(path);
        return SafetensorsHeader.Read(file);
    }

    /// <summary>Writes whole or not at all (see <see cref="AtomicFile"/>), tensors in the order of their names.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        var ordered = tensors
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Value: pair.Value.detach().cpu().contiguous()))
            .ToList();
        var header = Describe(ordered, metadata);
        AtomicFile.Write(
            path,
            stream =>
            {
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (var (_, tensor) in ordered)
                {
                    stream.Write(tensor.bytes);
                }
            }
        );
    }

    private static FileStream Open(string path)
    {
        ModelFileException.ThrowIfTooLarge(path, long.MaxValue);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
    }

    private static Tensor ReadTensor(FileStream file, SafetensorsEntry entry)
    {
        var tensor = empty(entry.Shape, entry.Type).DetachFromDisposeScope();
        if (entry.Bytes > 0)
        {
            // Files come with the seek position right behind the header: entries are read in order, without gaps.
            file.ReadExactly(tensor.bytes);
        }

        return tensor;
    }

    private static byte[] Describe(IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var table = new JsonObject
        {
            ["__metadata__"] = JsonSerializer.SerializeToNode(metadata ?? new Dictionary<string, string> { ["format"] = "pt" }),
        };
        var offset = 0L;
        foreach (var (name, tensor) in tensors)
        {
            var end = offset + (tensor.NumberOfElements * tensor.ElementSize);
            table[name] = new JsonObject
            {
                ["dtype"] = SafetensorsHeader.NameOf(tensor.dtype),
                ["shape"] = new JsonArray([.. tensor.shape.Select(size => JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        var json = table.ToJsonString();
        // The data part begins at a multiple of 8 bytes; JSON allows spaces at its end.
        return System.Text.Encoding.UTF8.GetBytes(
            json.PadRight(
                (System.Text.Encoding.UTF8.GetByteCount(json) + 7) / 8 * 8 - System.Text.Encoding.UTF8.GetByteCount(json) + json.Length
            )
        );
    }
}
