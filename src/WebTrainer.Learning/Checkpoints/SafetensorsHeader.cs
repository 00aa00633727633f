using TorchSharp;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Checkpoints;

/// <summary>Where a tensor lies in the data part of a safetensors file.</summary>
/// <param name="Name">As in the file, such as <c>model.norm.weight</c>.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">Its dimensions, the outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte behind the last, counted as <paramref name="Begin"/>.</param>
public sealed record SafetensorsEntry(string Name, torch.ScalarType Type, long[] Shape, long Begin, long End)
{
    /// <summary>Length in the data part; that of the shape times that of an element.</summary>
    public long Bytes => End - Begin;
}

/// <summary>The checked header of a safetensors file (<see cref="SafetensorsTable"/>), in the types of Torch.</summary>
/// <param name="Entries">The tensors by name.</param>
/// <param name="Metadata">What the file says of itself under <c>__metadata__</c>; empty where it says nothing.</param>
/// <param name="DataStart">Offset of the data part in the file, in bytes.</param>
public sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, SafetensorsEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata,
    long DataStart
)
{
    /// <exception cref="ModelFileException">The file is not safetensors or contradicts itself.</exception>
    public static SafetensorsHeader Read(Stream file)
    {
        var table = SafetensorsTable.Read(file);
        var entries = table.Places.Values.Select(place => new SafetensorsEntry(
            place.Name,
            TypeNamed(place.Type),
            place.Shape,
            place.Begin,
            place.End
        ));
        return new(entries.ToDictionary(entry => entry.Name), table.Metadata, table.DataStart);
    }

    /// <summary>How a safetensors header writes an element type, such as <c>BF16</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is none of the six that weights and optimiser states have here.</exception>
    public static string NameOf(torch.ScalarType type) =>
        type switch
        {
            torch.ScalarType.Float64 => "F64",
            torch.ScalarType.Float32 => "F32",
            torch.ScalarType.Float16 => "F16",
            torch.ScalarType.BFloat16 => "BF16",
            torch.ScalarType.Int64 => "I64",
            torch.ScalarType.Int32 => "I32",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No safetensors name."),
        };

    private static torch.ScalarType TypeNamed(string name) =>
        name switch
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
            _ => throw new ModelFileException($"The type '{name}' can't be read."),
        };
}
