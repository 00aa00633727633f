using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Models;

/// <summary>
/// Writes weights as safetensors: 8 bytes of length, a JSON table, the data (https://github.com/huggingface/safetensors#format).
/// </summary>
internal static class SafetensorsFile
{
    private const int Alignment = 8;

    public static async Task WriteAsync(string path, IReadOnlyList<Weight> weights, CancellationToken cancellationToken)
    {
        var (header, offset) = (new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } }, 0L);
        foreach (var weight in weights)
        {
            var end = offset + weight.Values.Length;
            header[weight.Name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. weight.Shape.Select(size => JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        var table = JsonSerializer.SerializeToUtf8Bytes(header);
        var length = (table.Length + Alignment - 1) / Alignment * Alignment;
        var head = new byte[sizeof(long) + length];
        head.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(head, length);
        table.CopyTo(head, sizeof(long));
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        await file.WriteAsync(head, cancellationToken);
        foreach (var weight in weights)
        {
            await file.WriteAsync(weight.Values, cancellationToken);
        }
    }
}
