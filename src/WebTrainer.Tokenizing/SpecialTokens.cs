namespace WebTrainer.Tokenizing;

/// <summary>The control tokens of the models that this project trains from nothing.</summary>
public static class SpecialTokens
{
    /// <summary>Ends an answer and a document.</summary>
    public const string End = "<|end|>";

    /// <summary>Stands before a sequence where a model was trained so; those made here were not.</summary>
    public const string Begin = "<|bos|>";

    /// <summary>Fills rows of a batch up; never learned from.</summary>
    public const string Padding = "<|pad|>";

    /// <summary>
    /// In the order of their ids, which are the vocabulary's last: the three above, then the marks of the roles in a conversation.
    /// </summary>
    public static IReadOnlyList<string> All { get; } = [End, Begin, Padding, "<|system|>", "<|user|>", "<|assistant|>"];
}
