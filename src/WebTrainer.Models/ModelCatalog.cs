using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>A model on this server: a base, or an encoder.</summary>
/// <param name="Id">Name of its folder.</param>
/// <param name="Path">Absolute path of the Hugging Face folder.</param>
/// <param name="Type">Its family, <c>model_type</c>.</param>
/// <param name="WeightBytes">Size of its safetensors files.</param>
public sealed record BaseModel(
    string Id,
    string Path,
    string Type,
    string Architecture,
    int ContextTokens,
    int Layers,
    int Width,
    int Vocabulary,
    long WeightBytes,
    string Card
)
{
    /// <summary>It makes vectors of texts, by which cleaning compares rows, and can learn to say labels.</summary>
    public bool IsEncoder => ModelTypes.IsEncoder(Type);

    /// <summary>Its encoder reads the prompt and its decoder writes the answer.</summary>
    public bool IsEncoderDecoder => ModelTypes.IsEncoderDecoder(Type);

    /// <summary>What it is, in a word.</summary>
    public string Kind =>
        IsEncoder ? "encoder"
        : IsEncoderDecoder ? "encoder-decoder"
        : "decoder";

    /// <summary>Runs can start from it.</summary>
    public bool IsTunable => IsEncoder || ModelTypes.CanBeTuned(Type);

    /// <summary>It is a model of texts and images, whose part for texts is what is used.</summary>
    public bool IsTextPart { get; init; }

    /// <summary>Came with the program; it can't be taken away.</summary>
    public bool Shipped { get; init; }

    /// <summary>Its name on the hub, <c>owner/name</c>; null where it didn't come from there, or before that was noted.</summary>
    public string? HubName { get; init; }

    /// <summary>As its model card's head has it; null where that says nothing.</summary>
    public string? License { get; init; }

    /// <summary>Why it can't be used; null where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>What it did when it was last tried; null while nobody has.</summary>
    public ModelCheck? Check { get; init; }
}

/// <summary>
/// The models that this server has: folders with a <c>config.json</c> below the models folder, which ships with the program,
/// and below the data folder's, where those that were added are.
/// </summary>
/// <param name="shipped">Absolute path of the folder that ships with the program; it may be read-only, and needn't exist.</param>
/// <param name="added">Absolute path of the folder of those that were added; what checks tell is kept there too.</param>
public sealed class ModelCatalog(string shipped, string added)
{
    /// <summary>
    /// File in a model's folder that says what it did when it was last tried; for a shipped model it lies beside the added ones, after its
    /// name.
    /// </summary>
    public const string CheckFile = "webtrainer-check.json";
    private const int MaxCardCharacters = 100_000;
    private const string LicenseKey = "license:";
    private const string Unknown = "unknown";

    /// <summary>
    /// The shipped ones, then the added ones, each by the ordinal order of their folders. Read anew each time; a damaged folder is listed
    /// with its <see cref="BaseModel.Problem"/>.
    /// </summary>
    public IReadOnlyList<BaseModel> List() =>
        [
            .. Below(shipped).Select(folder => TryRead(folder, isShipped: true)),
            .. Below(added).Select(folder => TryRead(folder, isShipped: false)),
        ];

    /// <summary>What runs start from: encoders, which learn labels, and models that learn to answer in text.</summary>
    public IReadOnlyList<BaseModel> Tunable() => [.. List().Where(m => m.IsTunable)];

    /// <summary>Those that answer in text untuned: what can be asked, judged and compared.</summary>
    public IReadOnlyList<BaseModel> Decoders() => [.. List().Where(m => ModelTypes.CanBeTuned(m.Type))];

    /// <returns>Null where this server has no such model.</returns>
    public BaseModel? Find(string id)
    {
        bool IsIt(string folder) => Path.GetFileName(folder) == id;
        return Below(shipped).FirstOrDefault(IsIt) is { } own ? Read(own, isShipped: true)
            : Below(added).FirstOrDefault(IsIt) is { } other ? Read(other, isShipped: false)
            : null;
    }

    /// <summary>Held-out general text beside the model, by which forgetting is measured; null if it ships without.</summary>
    public static string? GeneralTextOf(BaseModel model)
    {
        var path = Path.Combine(model.Path, "heldout.txt");
        return File.Exists(path) ? path : null;
    }

    private static IEnumerable<string> Below(string root) =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root).Where(d => File.Exists(Path.Combine(d, "config.json"))).Order(StringComparer.Ordinal)
            : [];

    // A model that came with the program was tried before; its folder may be read-only, so what a new try tells is kept in the data folder.
    private ModelCheck? CheckOf(string folder, bool isShipped)
    {
        var path = isShipped ? Path.Combine(added, Path.GetFileName(folder) + "." + CheckFile) : Path.Combine(folder, CheckFile);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ModelCheck>(File.ReadAllText(path), ProtocolJson.Document) : null;
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException)
        {
            return null; // of another version, or damaged: the model can be tried again
        }
    }

    /// <summary>Notes what a model did when it was tried, instead of what it did before.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public void Keep(BaseModel model, ModelCheck check) =>
        AtomicFile.WriteAllText(
            model.Shipped ? Path.Combine(added, model.Id + "." + CheckFile) : Path.Combine(model.Path, CheckFile),
            JsonSerializer.Serialize(check, ProtocolJson.Document)
        );

    private static string? LicenseOf(string card) =>
        card.Split('\n').Take(40).FirstOrDefault(line => line.StartsWith(LicenseKey, StringComparison.OrdinalIgnoreCase)) is { } line
            ? line[LicenseKey.Length..].Trim()
            : null;

    /// <summary>A folder that is damaged is shown with what is wrong with it, and keeps nobody from the others.</summary>
    private BaseModel TryRead(string folder, bool isShipped)
    {
        try
        {
            return Read(folder, isShipped);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return new BaseModel(Path.GetFileName(folder), folder, Unknown, Unknown, 0, 0, 0, 0, 0, "")
            {
                Shipped = isShipped,
                Problem = $"Its folder can't be read: {fault.Message} Repair its files, or take it away and add it again.",
            };
        }
    }

    private BaseModel Read(string folder, bool isShipped)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        var part = ModelTypes.TextPartOf(config.RootElement);
        int Number(string name) =>
            (part ?? config.RootElement).TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;
        var architecture =
            config.RootElement.TryGetProperty("architectures", out var names) && names.GetArrayLength() > 0 ? names[0].GetString() : null;
        var type = (part ?? config.RootElement).TryGetProperty("model_type", out var family) ? family.GetString() : null;
        // GPT-2 and T5 have names of their own for their sizes.
        int Either(params string[] names) => names.Select(Number).FirstOrDefault(value => value > 0);
        var context = Either("max_position_embeddings", "n_positions");
        var card = Path.Combine(folder, "README.md");
        var text = File.Exists(card) ? File.ReadAllText(card) : "";
        return new BaseModel(
            Path.GetFileName(folder),
            folder,
            type ?? Unknown,
            architecture ?? Unknown,
            context == 0 && ModelTypes.IsEncoderDecoder(type ?? Unknown) ? ModelTypes.EncoderDecoderContext : context,
            Either("num_hidden_layers", "n_layer", "num_layers"),
            Either("hidden_size", "n_embd", "d_model"),
            Number("vocab_size"),
            Directory.EnumerateFiles(folder, "*.safetensors").Sum(f => LinkedFile.Of(f) is { Exists: true } file ? file.Length : 0),
            text[..Math.Min(text.Length, MaxCardCharacters)]
        )
        {
            Shipped = isShipped,
            IsTextPart = part is not null,
            HubName = ModelOrigin.HubNameOf(folder),
            License = LicenseOf(text),
            Check = CheckOf(folder, isShipped),
        };
    }
}
