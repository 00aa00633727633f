using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>A stretch of a conversation's text.</summary>
/// <param name="Text">The characters as the tokenizer gets them.</param>
/// <param name="IsTemplate">Control tokens are meant in it; else they are somebody's words, which are data.</param>
/// <param name="IsGenerated">The template marks it as what the model writes.</param>
public sealed record TextPiece(string Text, bool IsTemplate, bool IsGenerated = false);

/// <summary>How messages become the text that a model sees.</summary>
public interface IChatFormat
{
    /// <summary>The text says itself where a sequence begins; the tokenizer need not.</summary>
    bool WritesBegin { get; }

    /// <summary>What of tools it has a form for.</summary>
    ToolSupport Tools => ToolSupport.None;

    /// <summary>Everything up to the place where the model's answer begins.</summary>
    /// <exception cref="Batching.DataException">The format knows no such conversation; the message says why.</exception>
    IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages);

    /// <summary>
    /// All of a conversation that ends with an answer, what ends it included. It begins with the <see cref="Prompt"/> of the messages
    /// before.
    /// </summary>
    /// <exception cref="Batching.DataException">The format knows no such conversation; the message says why.</exception>
    IReadOnlyList<TextPiece> Whole(IReadOnlyList<ChatMessage> messages);

    /// <summary>Whether the format says itself what the model writes.</summary>
    bool MarksGeneration => false;

    /// <summary>All of a conversation, with what the format marks as the model's.</summary>
    /// <exception cref="Batching.DataException">The format knows no such conversation, or its marks can't be followed.</exception>
    /// <exception cref="NotSupportedException">The format marks nothing.</exception>
    IReadOnlyList<TextPiece> Generated(IReadOnlyList<ChatMessage> messages) =>
        throw new NotSupportedException("The format marks nothing as the model's.");

    /// <summary>The format as a chat template (Jinja), for other programs; null where there is no such text, or the model brings its
    /// own.</summary>
    /// <param name="begins">The text begins with the tokenizer's own begin, which programs add to no chat.</param>
    string? ToJinja(bool begins) => null;

    /// <summary>An answer by itself, with what ends it.</summary>
    IReadOnlyList<TextPiece> Answer(string content);
}
