namespace WebTrainer.Protocol;

/// <summary>Writes base and adapter as one model into <see cref="RunFolder.Merged"/>.</summary>
[JobKind("export", "Writes base and adapter as one model.")]
public sealed record ExportSpec : JobSpec
{
    /// <summary>PEFT folder that is merged into the base, absolute.</summary>
    public required string Adapter { get; init; }
}
