using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// Texts as they are, a blank line between two: what an encoder-decoder without a template of its own reads. Who writes begins a text
/// there, so that nothing needs to say where an answer begins.
/// </summary>
public sealed class JoinedFormat : IChatFormat
{
    private const string Paragraph = "\n\n";

    /// <summary>Never: the tokenizer's own begin, where it has one, is right.</summary>
    public bool WritesBegin => false;

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages) =>
        [new(string.Join(Paragraph, messages.Select(message => message.Content)), IsTemplate: false)];

    /// <summary>The same as <see cref="Prompt"/>: an encoder-decoder's prompt and answer are no one text.</summary>
    public IReadOnlyList<TextPiece> Whole(IReadOnlyList<ChatMessage> messages) => Prompt(messages);

    /// <summary>The answer as it is; the tokenizer's end ends it.</summary>
    public IReadOnlyList<TextPiece> Answer(string content) => [new(content, IsTemplate: false)];
}
