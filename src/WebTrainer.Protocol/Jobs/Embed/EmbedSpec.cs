namespace WebTrainer.Protocol;

/// <summary>Makes vectors by an encoder of the texts in <see cref="RunFolder.Texts"/>.</summary>
[JobKind("embed", "Makes a vector of each text by an encoder.")]
public sealed record EmbedSpec : JobSpec;
