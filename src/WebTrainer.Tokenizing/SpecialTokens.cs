namespace WebTrainer.Tokenizing;

/// <summary>The control tokens of the models that this project trains from nothing.</summary>
public static class SpecialTokens
{
    public const string End = "<|end|>";
    public const string Begin = "<|bos|>";
    public const string Padding = "<|pad|>";

    public static IReadOnlyList<string> All { get; } = [End, Begin, Padding, "<|system|>", "<|user|>", "<|assistant|>"];
}
