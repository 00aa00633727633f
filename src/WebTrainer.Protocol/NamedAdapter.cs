namespace WebTrainer.Protocol;

/// <param name="Name">How requests and results call it; <c>base</c> is reserved.</param>
/// <param name="Path">PEFT folder, absolute.</param>
public sealed record NamedAdapter(string Name, string Path);
