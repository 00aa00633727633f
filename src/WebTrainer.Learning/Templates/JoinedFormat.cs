using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// Texts as they are, a blank line between two: what an encoder-decoder without a template of its own reads. Who writes begins a text
/// there, so that nothing needs to say where an answer begins.
/// </summary>
public sealed class JoinedFormat : IChatFormat
{
    private const string Paragraph = "\n\n";

    public bool WritesBegin => false;

    public IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages) =>
        [new(string.Join(Paragraph, messages.Select(message => message.Content)), IsTemplate: false)];

    public IReadOnlyList<TextPiece> Whole(IReadOnlyList<ChatMessage> messages) => Prompt(messages);

    public IReadOnlyList<TextPiece> Answer(string content) => [new(content, IsTemplate: false)];
}
