using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>A stretch of a conversation's text.</summary>
/// <param name="IsTemplate">The template's own text, in which control tokens are meant; else somebody's words, which are data.</param>
public sealed record TextPiece(string Text, bool IsTemplate);

/// <summary>How messages become the text that a model sees.</summary>
public interface IChatFormat
{
    /// <summary>The text says itself where a sequence begins; the tokenizer need not.</summary>
    bool WritesBegin { get; }

    /// <summary>Everything up to the place where the model's answer begins.</summary>
    /// <exception cref="Batching.DataException">The format knows no such conversation; the message says why.</exception>
    IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages);

    /// <summary>An answer with what ends it.</summary>
    IReadOnlyList<TextPiece> Answer(string content);
}
