using System.Text.Json;
using Microsoft.Extensions.Options;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>A base model on this server.</summary>
/// <param name="Id">Name of its folder below the models folder.</param>
/// <param name="Path">Absolute path of the Hugging Face folder.</param>
/// <param name="Type">Its family, <c>model_type</c>.</param>
/// <param name="WeightBytes">Size of its safetensors files.</param>
public sealed record BaseModel(string Id, string Path, string Type, string Architecture, int ContextTokens, int Layers, int Width, int Vocabulary, long WeightBytes, string Card);

/// <summary>The base models that this server has: folders with a <c>config.json</c> below the models folder.</summary>
public sealed class ModelCatalog(IOptions<PortalOptions> options, IHostEnvironment environment)
{
    private const int MaxCardCharacters = 100_000;
    private readonly string _root = Path.GetFullPath(options.Value.ModelsFolder, environment.ContentRootPath);

    public IReadOnlyList<BaseModel> List() => Directory.Exists(_root)
        ? [.. Directory.EnumerateDirectories(_root).Where(d => File.Exists(Path.Combine(d, "config.json"))).Order(StringComparer.Ordinal).Select(Read)]
        : [];

    /// <exception cref="NotFoundException">This server has no such model.</exception>
    public BaseModel Get(string id) =>
        List().FirstOrDefault(m => m.Id == id) ?? throw new NotFoundException($"This server has no base model '{id}'.");

    /// <summary>Held-out general text beside the model, by which forgetting is measured; null if it ships without.</summary>
    public static string? GeneralTextOf(BaseModel model)
    {
        var path = Path.Combine(model.Path, "heldout.txt");
        return File.Exists(path) ? path : null;
    }

    private static BaseModel Read(string folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        int Number(string name) => config.RootElement.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;
        var architecture = config.RootElement.TryGetProperty("architectures", out var names) && names.GetArrayLength() > 0 ? names[0].GetString() : null;
        var type = config.RootElement.TryGetProperty("model_type", out var family) ? family.GetString() : null;
        // GPT-2 has names of its own for its sizes.
        int Either(string name, string other) => Number(name) is var value and > 0 ? value : Number(other);
        var card = Path.Combine(folder, "README.md");
        var text = File.Exists(card) ? File.ReadAllText(card) : "";
        return new BaseModel(
            Path.GetFileName(folder), folder, type ?? "unknown", architecture ?? "unknown", Either("max_position_embeddings", "n_positions"), Either("num_hidden_layers", "n_layer"), Either("hidden_size", "n_embd"),
            Number("vocab_size"), Directory.EnumerateFiles(folder, "*.safetensors").Sum(f => new FileInfo(f).Length), text[..Math.Min(text.Length, MaxCardCharacters)]);
    }
}
