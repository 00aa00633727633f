using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Tests.Shared;

/// <summary>A LoRA adapter as PEFT saves it, of the queries of a Llama, with small random factors from a seed.</summary>
internal sealed record TinyAdapter
{
    private const string Config = "adapter_config.json",
        Weights = "adapter_model.safetensors";

    /// <summary>What it says that it was trained on.</summary>
    public string? BaseName { get; init; } = "webtrainer-base-8m";
    public int Rank { get; init; } = 2;
    public int Layers { get; init; } = 8;
    public int Width { get; init; } = 256;

    /// <summary>How large the factors are.</summary>
    public double Deviation { get; init; } = 0.02;

    /// <summary>Keys of its configuration that are set otherwise.</summary>
    public JsonObject More { get; init; } = [];

    public byte[] ConfigBytes
    {
        get
        {
            var config = new JsonObject
            {
                ["peft_type"] = "LORA",
                ["task_type"] = "CAUSAL_LM",
                ["base_model_name_or_path"] = BaseName,
                ["r"] = Rank,
                ["lora_alpha"] = 2 * Rank,
                ["lora_dropout"] = 0.0,
                ["target_modules"] = new JsonArray("q_proj"),
                ["bias"] = "none",
            };
            foreach (var (key, value) in More)
            {
                config[key] = value?.DeepClone();
            }

            return JsonSerializer.SerializeToUtf8Bytes(config);
        }
    }

    public byte[] WeightBytes
    {
        get
        {
            var (table, data, random) = (new JsonObject(), new List<float>(), new Random(1));
            foreach (var layer in Enumerable.Range(0, Layers))
            {
                Add($"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_A.weight", Rank, Width);
                Add($"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_B.weight", Width, Rank);
            }

            var head = JsonSerializer.SerializeToUtf8Bytes(table);
            var length = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)head.Length);
            return [.. length, .. head, .. MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(data))];

            void Add(string name, int rows, int columns)
            {
                var begin = data.Count * sizeof(float);
                data.AddRange(Enumerable.Range(0, rows * columns).Select(_ => (float)((random.NextDouble() - 0.5) * 2 * Deviation)));
                table[name] = new JsonObject
                {
                    ["dtype"] = "F32",
                    ["shape"] = new JsonArray(rows, columns),
                    ["data_offsets"] = new JsonArray(begin, data.Count * sizeof(float)),
                };
            }
        }
    }

    /// <summary>Its folder as a ZIP archive.</summary>
    public byte[] Zip() => ZipOf([("my-adapter/" + Config, ConfigBytes), ("my-adapter/" + Weights, WeightBytes)]);

    /// <param name="files">Their places in the archive, and what they hold.</param>
    public static byte[] ZipOf(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, Config), ConfigBytes);
        File.WriteAllBytes(Path.Combine(folder, Weights), WeightBytes);
        return folder;
    }
}
