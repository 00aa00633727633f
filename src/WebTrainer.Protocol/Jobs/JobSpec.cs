using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>What every job needs, whatever it does; written once, never changed. Its kind stands in the file as <c>kind</c>.</summary>
public abstract record JobSpec
{
    /// <summary>The format that is written now.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Of the format; a worker refuses one that it doesn't know.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Hugging Face folder of the base model, or of the encoder, absolute.</summary>
    public required string BaseModel { get; init; }

    /// <summary>
    /// Which model that is, by <see cref="ModelHash"/>: a worker trains on no other. Null where it doesn't matter, and in specs of before
    /// it was noted.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BaseModelSha256 { get; init; }

    /// <summary>Where it may run, see <see cref="DeviceName"/>; which device it got is told to the worker.</summary>
    public string Device { get; init; } = DeviceName.Any;

    /// <summary>Threads of a CPU job; 0 means all cores. Fixed threads are part of reproducing a run bit for bit.</summary>
    public int Threads { get; init; }

    /// <summary>The spec as a file has it.</summary>
    public string ToText() => JsonSerializer.Serialize(this, ProtocolJson.Document);

    /// <summary>Reads what <see cref="ToText"/> has written.</summary>
    /// <exception cref="JsonException">It is no spec, or of a kind that isn't known.</exception>
    public static JobSpec Read(string text) =>
        JsonSerializer.Deserialize<JobSpec>(text, ProtocolJson.Document) ?? throw new JsonException("The spec is null.");

    /// <summary>Reads a spec whose kind is known.</summary>
    /// <exception cref="JsonException">It is no spec, or of another kind.</exception>
    public static TSpec Read<TSpec>(string text)
        where TSpec : JobSpec =>
        Read(text) as TSpec ?? throw new JsonException($"The spec is not one of the kind '{JobKind.Of<TSpec>().Name}'.");

    /// <summary>Lower-case hex SHA-256 of a spec's text: what an approval is bound to.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
