using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using TorchSharp;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Checkpoints;

/// <summary>Where a tensor lies in the data part of a safetensors file.</summary>
/// <param name="Begin">First byte, counted from the end of the header.</param>
public sealed record SafetensorsEntry(string Name, torch.ScalarType Type, long[] Shape, long Begin, long End)
{
    public long Bytes => End - Begin;
}

/// <summary>
/// The checked header of a safetensors file: 8 bytes of length, a JSON table, the data
/// (https://github.com/huggingface/safetensors#format). Nothing is allocated by a number from the file before it was checked.
/// </summary>
/// <param name="DataStart">Offset of the data part in the file, in bytes.</param>
public sealed record SafetensorsHeader(IReadOnlyDictionary<string, SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    /// <summary>Headers of large models have a few hundred kilobytes.</summary>
    public const long MaximumHeaderBytes = 16L << 20;
    private const int MaximumDimensions = 8;
    private const int MaximumTensors = 100_000;

    /// <exception cref="ModelFileException">The file is not safetensors or contradicts itself.</exception>
    public static SafetensorsHeader Read(Stream file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8 + 2)
        {
            throw new ModelFileException("The safetensors file is too short to have a header.");
        }

        file.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)(file.Length - 8))
        {
            throw new ModelFileException($"The safetensors header claims {length} bytes, more than the file has.");
        }

        if (length > MaximumHeaderBytes)
        {
            throw new ModelFileException($"The safetensors header has {length} bytes; at most {MaximumHeaderBytes} are read.");
        }

        var json = new byte[length];
        file.ReadExactly(json);
        return Parse(json, dataBytes: file.Length - 8 - (long)length);
    }

    private static SafetensorsHeader Parse(byte[] json, long dataBytes)
    {
        if (json[0] != '{')
        {
            throw new ModelFileException("The file is not safetensors: its header is no JSON object.");
        }

        try
        {
            RefuseDuplicateKeys(json);
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var entries = new Dictionary<string, SafetensorsEntry>();
            var metadata = new Dictionary<string, string>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    metadata = property.Value.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? "");
                    continue;
                }

                entries.Add(property.Name, ReadEntry(property, dataBytes));
            }

            RefuseOverlaps(entries.Values, dataBytes);
            return new(entries, metadata, 8 + json.Length);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new ModelFileException($"The safetensors header can't be read: {exception.Message}", exception);
        }
    }

    private static SafetensorsEntry ReadEntry(JsonProperty property, long dataBytes)
    {
        var type = TypeNamed(property.Value.GetProperty("dtype").GetString(), property.Name);
        var dimensions = property.Value.GetProperty("shape");
        var offsets = property.Value.GetProperty("data_offsets");
        if (dimensions.GetArrayLength() > MaximumDimensions || offsets.GetArrayLength() != 2)
        {
            throw new ModelFileException($"Tensor '{property.Name}' has a malformed shape or offsets.");
        }

        long[] shape = [.. dimensions.EnumerateArray().Select(size => size.GetInt64())];
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        if (begin < 0 || end < begin || end > dataBytes)
        {
            throw new ModelFileException($"Tensor '{property.Name}' lies at {begin} to {end}, outside the file's {dataBytes} bytes of data.");
        }

        if (shape.Any(size => size < 0) || BytesOf(shape, type) != end - begin)
        {
            throw new ModelFileException($"Tensor '{property.Name}' has {end - begin} bytes, which don't fit its shape [{string.Join(", ", shape)}].");
        }

        return new(property.Name, type, shape, begin, end);
    }

    private static long BytesOf(long[] shape, torch.ScalarType type) =>
        shape.Aggregate((long)type.ElementSize(), (bytes, size) => checked(bytes * size));

    private static torch.ScalarType TypeNamed(string? name, string tensor) => name switch
    {
        "F64" => torch.ScalarType.Float64,
        "F32" => torch.ScalarType.Float32,
        "F16" => torch.ScalarType.Float16,
        "BF16" => torch.ScalarType.BFloat16,
        "I64" => torch.ScalarType.Int64,
        "I32" => torch.ScalarType.Int32,
        "I8" => torch.ScalarType.Int8,
        "U8" => torch.ScalarType.Byte,
        "BOOL" => torch.ScalarType.Bool,
        _ => throw new ModelFileException($"Tensor '{tensor}' has the type '{name}', which can't be read."),
    };

    public static string NameOf(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float64 => "F64",
        torch.ScalarType.Float32 => "F32",
        torch.ScalarType.Float16 => "F16",
        torch.ScalarType.BFloat16 => "BF16",
        torch.ScalarType.Int64 => "I64",
        torch.ScalarType.Int32 => "I32",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No safetensors name."),
    };

    /// <summary>Tensors must fill the data part without gap or overlap, as the format demands.</summary>
    private static void RefuseOverlaps(IEnumerable<SafetensorsEntry> entries, long dataBytes)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != end)
            {
                throw new ModelFileException($"Tensor '{entry.Name}' begins at byte {entry.Begin}, where {end} was expected: tensors overlap or leave a gap.");
            }

            end = entry.End;
        }

        if (end != dataBytes)
        {
            throw new ModelFileException($"The safetensors file has {dataBytes} bytes of data, its table describes {end}.");
        }
    }

    /// <summary>A JSON object with a key twice reads differently in different readers; none is accepted.</summary>
    private static void RefuseDuplicateKeys(byte[] json)
    {
        var keys = new HashSet<string>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
            {
                continue;
            }

            if (!keys.Add(reader.GetString()!))
            {
                throw new ModelFileException($"The safetensors header names the tensor '{reader.GetString()}' twice.");
            }

            if (keys.Count > MaximumTensors)
            {
                throw new ModelFileException($"The safetensors file has more than {MaximumTensors} tensors.");
            }
        }
    }
}
