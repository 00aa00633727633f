namespace WebTrainer.Protocol;

/// <summary>The adapter that a run goes on from, instead of a fresh one.</summary>
/// <param name="Name">As requests and reports call it: <c>run-3</c>.</param>
/// <param name="Path">Its folder, in PEFT form.</param>
/// <param name="Sha256">Of that folder, as <see cref="ModelHash"/> reckons it.</param>
public sealed record StartAdapter(string Name, string Path, string Sha256);
