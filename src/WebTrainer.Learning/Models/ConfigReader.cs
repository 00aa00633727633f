using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>
/// Reads a <c>config.json</c> and remembers what was asked for, so that a key which nobody asked for is known to be unknown:
/// a model that is not understood whole would compute something, only not what it was trained for.
/// </summary>
internal sealed class ConfigReader(JsonElement root)
{
    private readonly HashSet<string> _asked = [];

    public JsonElement Root => root;

    public int Int(string name) => Find(name)?.GetInt32() ?? throw new ModelFileException($"config.json lacks {name}.");

    public int? OptionalInt(string name) => Find(name)?.GetInt32();

    public double Number(string name, double absent) => Find(name)?.GetDouble() ?? absent;

    public bool Flag(string name, bool absent) => Find(name)?.GetBoolean() ?? absent;

    public string? Text(string name) => Find(name)?.GetString();

    public JsonElement? Find(string name)
    {
        _asked.Add(name);
        return ModelConfig.Optional(root, name);
    }

    /// <summary>Keys that change nothing in the numbers of this family.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _asked.Add(name);
        }
    }

    /// <summary>Refuses a switch that is set otherwise than this code can run.</summary>
    public void Expect(string name, bool value)
    {
        if (Flag(name, value) != value)
        {
            throw new ModelFileException($"config.json sets {name} to {(value ? "false" : "true")}, which is not known here.");
        }
    }

    /// <summary>
    /// Refuses what would compute something else than is computed here. A key is fine that was asked for, that is set to what means "off",
    /// or that is known to be of tools.
    /// </summary>
    /// <param name="confirmed">Keys of which somebody has said that they change nothing.</param>
    public void RefuseUnknown(IReadOnlySet<string> confirmed)
    {
        RefuseCode();
        RefusePacking();
        List<string> unknown =
        [
            .. root.EnumerateObject()
                .Where(property =>
                    !_asked.Contains(property.Name)
                    && !confirmed.Contains(property.Name)
                    && !ConfigKeys.IsOfTools(property.Name)
                    && !ConfigKeys.IsOff(property.Value)
                )
                .Select(property => property.Name),
        ];
        if (unknown.Count > 0)
        {
            throw new ModelFileException(ConfirmedKeys.Refusal(unknown));
        }
    }

    /// <summary>Some makers name their code even where the library has the same classes, by which it is read here.</summary>
    private void RefuseCode()
    {
        if (ModelConfig.Optional(root, "auto_map") is { } map && !ConfigKeys.NamesOwnClasses(map, Text("model_type")!))
        {
            throw new ModelFileException("config.json asks for code of its own (auto_map); no code from model folders is run.");
        }

        Ignore("auto_map");
    }

    private void RefusePacking()
    {
        if ((ModelConfig.Optional(root, "quantization_config") ?? ModelConfig.Optional(root, "quantization")) is { } packing)
        {
            var method = packing.ValueKind == JsonValueKind.Object ? ModelConfig.Optional(packing, "quant_method")?.GetString() : null;
            throw new ModelFileException(
                $"The weights are packed{(method is null ? "" : $" by '{method}'")} (quantization_config), which is not read here; take the model's unpacked weights (float16, bfloat16 or float32), which are packed in 4 or 8 bits here."
            );
        }
    }
}
