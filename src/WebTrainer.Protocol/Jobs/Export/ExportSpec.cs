namespace WebTrainer.Protocol;

/// <summary>Writes base and adapter as one model into <see cref="RunFolder.Merged"/>.</summary>
[JobKind("export", "Writes base and adapter as one model.")]
public sealed record ExportSpec : JobSpec
{
    /// <summary>PEFT folder that is merged into the base, absolute; null, with <see cref="Gguf"/> only, for the base as it is.</summary>
    public string? Adapter { get; init; }

    /// <summary>
    /// A GGUF file with a <c>Modelfile</c> and <see cref="RunFolder.GgufReport"/> beside it, its maps written so; null for a Hugging Face
    /// folder.
    /// </summary>
    public GgufWeights? Gguf { get; init; }
}
