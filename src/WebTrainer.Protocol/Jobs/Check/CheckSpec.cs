namespace WebTrainer.Protocol;

/// <summary>Tries a model; <see cref="ModelCheck"/> is what is found.</summary>
[JobKind("check", "Loads a model and lets it answer, or an encoder and lets it compare two sentences: does it work here?")]
public sealed record CheckSpec : JobSpec;
