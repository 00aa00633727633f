using System.Buffers.Binary;
using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>Where a tensor lies in the data part of a safetensors file.</summary>
/// <param name="Name">As in the file.</param>
/// <param name="Type">As the format names it: <c>F32</c>, <c>BF16</c>.</param>
/// <param name="Shape">Its dimensions, the outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the table.</param>
/// <param name="End">The byte behind the last.</param>
public sealed record SafetensorsPlace(string Name, string Type, long[] Shape, long Begin, long End);

/// <summary>
/// The checked table of a safetensors file: 8 bytes of length, a JSON table, the data
/// (https://github.com/huggingface/safetensors#format). Read in one pass, without anything that is many times its size, and nothing is
/// allocated by a number from the file before it was checked: so the portal itself can refuse a bad file, before a worker is started for
/// it.
/// </summary>
/// <param name="Places">By the tensor's name.</param>
/// <param name="Metadata">What the file says of itself under <c>__metadata__</c>; empty where it says nothing.</param>
/// <param name="DataStart">Offset of the data part in the file, in bytes.</param>
public sealed record SafetensorsTable(
    IReadOnlyDictionary<string, SafetensorsPlace> Places,
    IReadOnlyDictionary<string, string> Metadata,
    long DataStart
)
{
    /// <summary>Tables of large models have a few hundred kilobytes.</summary>
    public const long MaximumBytes = 8L << 20;
    private const int MaximumDimensions = 8;
    private const int MaximumTensors = 100_000;
    private const int MaximumDepth = 8;

    /// <summary>Bytes of a number of each type that can be read.</summary>
    private static readonly Dictionary<string, int> s_sizes = new(StringComparer.Ordinal)
    {
        ["F64"] = 8,
        ["F32"] = 4,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I64"] = 8,
        ["I32"] = 4,
        ["I8"] = 1,
        ["U8"] = 1,
        ["BOOL"] = 1,
    };

    /// <exception cref="ModelFileException">The file is not safetensors or contradicts itself.</exception>
    public static SafetensorsTable Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(file);
    }

    /// <param name="file">Is left at the beginning of the data.</param>
    /// <exception cref="ModelFileException">The file is not safetensors or contradicts itself.</exception>
    public static SafetensorsTable Read(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
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

        if (length > MaximumBytes)
        {
            throw new ModelFileException($"The safetensors header has {length} bytes; at most {MaximumBytes} are read.");
        }

        var json = new byte[length];
        file.ReadExactly(json);
        return Parse(json, dataBytes: file.Length - 8 - (long)length);
    }

    private static SafetensorsTable Parse(byte[] json, long dataBytes)
    {
        var (places, metadata) = (new Dictionary<string, SafetensorsPlace>(), new Dictionary<string, string>());
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        try
        {
            Expect(ref reader, JsonTokenType.StartObject, "The file is not safetensors: its header is no JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (name == "__metadata__")
                {
                    ReadMetadata(ref reader, metadata);
                }
                else if (!places.TryAdd(name, ReadPlace(ref reader, name, dataBytes)))
                {
                    // A key that stands twice reads differently in different readers.
                    throw new ModelFileException($"The safetensors header names the tensor '{name}' twice.");
                }

                if (places.Count > MaximumTensors)
                {
                    throw new ModelFileException($"The safetensors file has more than {MaximumTensors} tensors.");
                }
            }

            if (reader.Read())
            {
                throw new ModelFileException("The safetensors header goes on behind its table.");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new ModelFileException($"The safetensors header can't be read: {exception.Message}", exception);
        }

        RefuseOverlaps(places.Values, dataBytes);
        return new(places, metadata, 8 + json.Length);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject, "The safetensors header's metadata is no object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"The safetensors header's metadata '{name}' is no text.");
            metadata[name] = reader.GetString()!;
        }
    }

    private static SafetensorsPlace ReadPlace(ref Utf8JsonReader reader, string tensor, long dataBytes)
    {
        var malformed = $"Tensor '{tensor}' has a malformed type, shape or offsets.";
        string? type = null;
        long[]? shape = null,
            offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, malformed);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("dtype"u8))
            {
                type = type is null ? ReadType(ref reader, tensor, malformed) : throw new ModelFileException(malformed);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                shape = shape is null ? ReadNumbers(ref reader, malformed) : throw new ModelFileException(malformed);
            }
            else if (reader.ValueTextEquals("data_offsets"u8))
            {
                offsets = offsets is null ? ReadNumbers(ref reader, malformed) : throw new ModelFileException(malformed);
            }
            else
            {
                reader.Skip();
            }
        }

        return type is not null && shape is not null && offsets is [var begin, var end]
            ? Checked(new(tensor, type, shape, begin, end), dataBytes)
            : throw new ModelFileException(malformed);
    }

    private static string ReadType(ref Utf8JsonReader reader, string tensor, string malformed)
    {
        Expect(ref reader, JsonTokenType.String, malformed);
        foreach (var known in s_sizes.Keys)
        {
            if (reader.ValueTextEquals(known))
            {
                return known;
            }
        }

        throw new ModelFileException($"Tensor '{tensor}' has the type '{reader.GetString()}', which can't be read.");
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, string malformed)
    {
        Span<long> numbers = stackalloc long[MaximumDimensions];
        var count = 0;
        Expect(ref reader, JsonTokenType.StartArray, malformed);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == MaximumDimensions)
            {
                throw new ModelFileException(malformed);
            }

            numbers[count++] = reader.GetInt64();
        }

        return numbers[..count].ToArray();
    }

    private static SafetensorsPlace Checked(SafetensorsPlace place, long dataBytes)
    {
        var (begin, end) = (place.Begin, place.End);
        if (begin < 0 || end < begin || end > dataBytes)
        {
            throw new ModelFileException($"Tensor '{place.Name}' lies at {begin} to {end}, outside the file's {dataBytes} bytes of data.");
        }

        if (
            Array.Exists(place.Shape, length => length < 0)
            || place.Shape.Aggregate((long)s_sizes[place.Type], (bytes, length) => checked(bytes * length)) != end - begin
        )
        {
            throw new ModelFileException(
                $"Tensor '{place.Name}' has {end - begin} bytes, which don't fit its shape [{string.Join(", ", place.Shape)}]."
            );
        }

        return place;
    }

    /// <summary>Tensors must fill the data part without gap or overlap, as the format demands.</summary>
    private static void RefuseOverlaps(IEnumerable<SafetensorsPlace> places, long dataBytes)
    {
        var end = 0L;
        foreach (var place in places.OrderBy(place => place.Begin).ThenBy(place => place.End))
        {
            if (place.Begin != end)
            {
                throw new ModelFileException(
                    $"Tensor '{place.Name}' begins at byte {place.Begin}, where {end} was expected: tensors overlap or leave a gap."
                );
            }

            end = place.End;
        }

        if (end != dataBytes)
        {
            throw new ModelFileException($"The safetensors file has {dataBytes} bytes of data, its table describes {end}.");
        }
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string otherwise)
    {
        if (!reader.Read() || reader.TokenType != token)
        {
            throw new ModelFileException(otherwise);
        }
    }
}
