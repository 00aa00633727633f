using System.Collections.Concurrent;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// A model's own chat template. It is rendered with marks in the place of the messages' words, and the words are put in afterwards: so nobody
/// can write a control token or another's turn, whatever the template does. A template that looks into the words (to cut out a model's thoughts,
/// say) sees the marks instead.
/// </summary>
public sealed class JinjaFormat : IChatFormat
{
    private const char Open = '\uE0F0', Close = '\uE0F1';
    private readonly JinjaEngine _engine;
    private readonly IReadOnlyDictionary<string, string> _tokens;
    private readonly Dictionary<string, bool> _trims;
    private readonly ConcurrentDictionary<string, IReadOnlyList<TextPiece>> _prompts = new(StringComparer.Ordinal);
    private readonly string _lead, _suffix;
    private readonly Lock _rendering = new();

    /// <param name="tokens">Special tokens by the names that templates use.</param>
    /// <exception cref="TemplateException">The template can't be rendered, or loses the words of its messages.</exception>
    public JinjaFormat(string template, IReadOnlyDictionary<string, string> tokens)
    {
        _engine = new JinjaEngine(template);
        _tokens = tokens;
        List<(string Role, string Content)> messages = [("user", Mark(0)), ("assistant", Mark(1))];
        var prompt = _engine.Render(messages[..1], tokens, answerFollows: true);
        var whole = _engine.Render(messages, tokens, answerFollows: false);
        var answer = whole.IndexOf(Mark(1), StringComparison.Ordinal);
        if (answer < 0 || !prompt.Contains(Mark(0), StringComparison.Ordinal))
        {
            throw new TemplateException("The chat template leaves out what a message says.");
        }

        // What stands between the prompt's end and the answer belongs to the answer; nothing where a template writes it in the prompt.
        _lead = whole.StartsWith(prompt, StringComparison.Ordinal) && prompt.Length <= answer ? whole[prompt.Length..answer] : "";
        _suffix = whole[(answer + Mark(1).Length)..];
        WritesBegin = tokens.TryGetValue("bos_token", out var begin) && begin.Length > 0 && prompt.StartsWith(begin, StringComparison.Ordinal);
        _trims = new(StringComparer.Ordinal) { ["user"] = Trims([("user", " " + Mark(0) + " ")], Mark(0)), ["assistant"] = Trims([messages[0], ("assistant", " " + Mark(1) + " ")], Mark(1)) };
        _trims["system"] = _trims["user"];
    }

    public bool WritesBegin { get; }

    public IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages)
    {
        // Marks are the same for all conversations of the same roles.
        var marked = _prompts.GetOrAdd(string.Join(' ', messages.Select(message => message.Role)), _ => Render(messages));
        return [.. marked.Select(piece => piece.IsTemplate ? piece : new TextPiece(Words(messages[int.Parse(piece.Text, System.Globalization.CultureInfo.InvariantCulture)]), IsTemplate: false))];
    }

    public IReadOnlyList<TextPiece> Answer(string content) =>
        [new(_lead, IsTemplate: true), new(Words(new("assistant", content)), IsTemplate: false), new(_suffix, IsTemplate: true)];

    /// <returns>Pieces in which a message's number stands for its words.</returns>
    private IReadOnlyList<TextPiece> Render(IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            string text;
            lock (_rendering)
            {
                text = _engine.Render([.. messages.Select((message, i) => (message.Role, Mark(i)))], _tokens, answerFollows: true);
            }

            return Split(text);
        }
        catch (TemplateException exception)
        {
            throw new DataException($"The model's chat template refuses a conversation of the roles {string.Join(", ", messages.Select(message => message.Role))}: {exception.Message}", exception);
        }
    }

    private static List<TextPiece> Split(string text)
    {
        var pieces = new List<TextPiece>();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf(Open, at);
            if (open < 0)
            {
                pieces.Add(new(text[at..], IsTemplate: true));
                break;
            }

            var close = text.IndexOf(Close, open);
            pieces.Add(new(text[at..open], IsTemplate: true));
            pieces.Add(new(text[(open + 1)..close], IsTemplate: false));
            at = close + 1;
        }

        return pieces;
    }

    private string Words(ChatMessage message) => _trims.GetValueOrDefault(message.Role) ? message.Content.Trim() : message.Content;

    private bool Trims(List<(string Role, string Content)> messages, string mark) =>
        !_engine.Render(messages, _tokens, answerFollows: false).Contains(" " + mark + " ", StringComparison.Ordinal);

    private static string Mark(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Open}{number}{Close}");
}
