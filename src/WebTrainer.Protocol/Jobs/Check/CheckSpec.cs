using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>Tries a model, or an adapter on its base; <see cref="ModelCheck"/> is what is found.</summary>
[JobKind(
    "check",
    "Loads a model, or an adapter on its base, and lets it answer, or an encoder and lets it compare two sentences: does it work here?"
)]
public sealed record CheckSpec : JobSpec
{
    /// <summary>Folder of an adapter in PEFT form that is tried on the base; null where the base itself is tried.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Adapter { get; init; }
}
