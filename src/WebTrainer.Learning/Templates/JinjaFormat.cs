using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// A model's own chat template. Nobody can write a control token or another's turn, whatever the template does. A template that puts words
/// in as they are is rendered once for all conversations of the same roles, with marks in the place of the words. One that looks into them
/// (to cut out a model's thoughts, say), and any whose own texts are among the words, is rendered with the words of each conversation, in
/// which what could be of a control token is hidden (<see cref="WordGuard"/>).
/// </summary>
public sealed partial class JinjaFormat : IChatFormat
{
    /// <summary>Words by which a template that looks into them gives itself away.</summary>
    private static readonly string[] s_probes =
    [
        "a",
        " a ",
        "\n a\n",
        "",
        "<think>\nt\n</think>\n\na",
        "<think>t</think>a",
        "[THINK]t[/THINK]a",
        "a</think>",
        "<tool_call>\n{}\n</tool_call>",
        "<tool_response>a</tool_response>",
        "<|channel|>analysis<|message|>t",
        "/no_think a",
        "a /think",
    ];

    /// <summary>Literals of templates that are names and not looked for in words.</summary>
    private static readonly HashSet<string> s_keys = new(StringComparer.Ordinal)
    {
        "role",
        "content",
        "user",
        "assistant",
        "system",
        "tool",
        "tools",
        "function",
        "name",
        "type",
        "text",
        "arguments",
    };

    private const char Open = '\uE0F0',
        Close = '\uE0F1';
    private readonly JinjaEngine _engine;
    private readonly JinjaEngine? _marking;
    private readonly IReadOnlyDictionary<string, string> _tokens;
    private readonly Dictionary<string, bool> _trims;
    private readonly ConcurrentDictionary<(string Roles, bool AnswerFollows), IReadOnlyList<TextPiece>> _marked = new();
    private readonly WordGuard _guard;
    private readonly List<string> _literals;
    private readonly bool _looksIntoWords;
    private readonly Lazy<ToolSupport> _tools;
    private readonly string _lead,
        _suffix;

    /// <param name="template">Jinja text.</param>
    /// <param name="tokens">Special tokens by the names that templates use.</param>
    /// <param name="controls">Texts of the tokenizer's control tokens, which no words may spell.</param>
    /// <exception cref="TemplateException">The template can't be rendered, or loses the words of its messages.</exception>
    public JinjaFormat(string template, IReadOnlyDictionary<string, string> tokens, IEnumerable<string>? controls = null)
    {
        _guard = new(tokens.Values.Concat(controls ?? []));
        _literals =
        [
            .. Literal()
                .Matches(template)
                .Select(match => match.Value[1..^1].Trim())
                .Where(literal => literal.Length > 1 && !s_keys.Contains(literal))
                .Distinct(StringComparer.Ordinal),
        ];
        _engine = new JinjaEngine(template);
        _marking = GenerationMarks.AreIn(template) ? new JinjaEngine(template, GenerationMarks.Texts) : null;
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
        WritesBegin =
            tokens.TryGetValue("bos_token", out var begin) && begin.Length > 0 && prompt.StartsWith(begin, StringComparison.Ordinal);
        _trims = new(StringComparer.Ordinal)
        {
            ["user"] = Trims([("user", " " + Mark(0) + " ")], Mark(0)),
            ["assistant"] = Trims([messages[0], ("assistant", " " + Mark(1) + " ")], Mark(1)),
        };
        _trims["system"] = _trims["user"];
        _looksIntoWords = s_probes.Any(LooksInto);
        _tools = new(() => new ToolProbe(_engine, tokens).Find());
    }

    /// <summary>What the template shows of tools, found by rendering conversations with and without them, when it is first asked.</summary>
    public ToolSupport Tools => _tools.Value;

    /// <inheritdoc/>
    public bool WritesBegin { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Prompt(IReadOnlyList<ChatMessage> messages) => Pieces(messages, answerFollows: true);

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Whole(IReadOnlyList<ChatMessage> messages)
    {
        var (whole, prompt) = (Pieces(messages, answerFollows: false), Prompt([.. messages.SkipLast(1)]));
        // Some templates begin an answer otherwise than they show it later on (with a thought): what the model is asked with comes first.
        return TextOf(whole).StartsWith(TextOf(prompt), StringComparison.Ordinal) ? whole : [.. prompt, .. Answer(messages[^1].Content)];
    }

    /// <inheritdoc/>
    public bool MarksGeneration => _marking is not null;

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Generated(IReadOnlyList<ChatMessage> messages)
    {
        if (_marking is null)
        {
            throw new NotSupportedException("The chat template marks nothing as the model's.");
        }

        if (messages.Any(message => message.Content.AsSpan().ContainsAny(GenerationMarks.Signs)))
        {
            throw new DataException("A message holds the private characters U+E0F2 or U+E0F3, by which what is learned is found.");
        }

        var conversation = Of(messages);
        var guarded = _guard.Begin(conversation.Words.Append(GenerationMarks.Signs));
        var hidden = conversation.Map(guarded.Hide);
        var pieces = GenerationMarks.Read(guarded.Reveal(Render(hidden, answerFollows: false, _marking)));
        return TextOf(pieces) == TextOf(guarded.Reveal(Render(hidden, answerFollows: false)))
            ? pieces
            : throw new DataException("The chat template writes otherwise around its {% generation %} marks than without them.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<TextPiece> Answer(string content) =>
        [new(_lead, IsTemplate: true), new(Words(new("assistant", content)), IsTemplate: false), new(_suffix, IsTemplate: true)];

    private IReadOnlyList<TextPiece> Pieces(IReadOnlyList<ChatMessage> messages, bool answerFollows) =>
        _looksIntoWords
        || messages.Any(message => message.IsOfTools)
        || messages.Any(message => _literals.Exists(literal => message.Content.Contains(literal, StringComparison.Ordinal)))
            ? FromWords(messages, answerFollows)
            : FromMarks(messages, answerFollows);

    private List<TextPiece> FromWords(IReadOnlyList<ChatMessage> messages, bool answerFollows)
    {
        var conversation = Of(messages);
        var guarded = _guard.Begin(conversation.Words);
        return guarded.Reveal(Render(conversation.Map(guarded.Hide), answerFollows));
    }

    private ToolMessages Of(IReadOnlyList<ChatMessage> messages) =>
        ToolMessages.Of(messages, messages.Any(message => message.IsOfTools) ? Tools : ToolSupport.None);

    private List<TextPiece> FromMarks(IReadOnlyList<ChatMessage> messages, bool answerFollows)
    {
        var marked = _marked.GetOrAdd(
            (string.Join(' ', messages.Select(message => message.Role)), answerFollows),
            key =>
                Split(
                    Render(
                        new([.. messages.Select((message, i) => new TemplateMessage(message.Role, Mark(i)))], Tools: null),
                        key.AnswerFollows
                    )
                )
        );
        return
        [
            .. marked.Select(piece =>
                piece.IsTemplate
                    ? piece
                    : new TextPiece(
                        Words(messages[int.Parse(piece.Text, System.Globalization.CultureInfo.InvariantCulture)]),
                        IsTemplate: false
                    )
            ),
        ];
    }

    /// <summary>Whether these words in several places come out otherwise than marks in their places do.</summary>
    private bool LooksInto(string words)
    {
        List<ChatMessage> messages = [new("user", words), new("assistant", words), new("user", words), new("assistant", words)];
        try
        {
            return TextOf(FromMarks(messages, answerFollows: false)) != TextOf(FromWords(messages, answerFollows: false))
                || TextOf(FromMarks(messages[..3], answerFollows: true)) != TextOf(FromWords(messages[..3], answerFollows: true));
        }
        catch (DataException)
        {
            return true; // it refuses such words, or such turns, and shall do so in each conversation itself
        }
    }

    private string Render(ToolMessages conversation, bool answerFollows, JinjaEngine? engine = null)
    {
        try
        {
            return (engine ?? _engine).Render(conversation.Messages, conversation.Tools, _tokens, answerFollows);
        }
        catch (TemplateException exception)
        {
            throw new DataException(
                $"The model's chat template refuses a conversation of the roles {string.Join(", ", conversation.Messages.Select(message => message.Role))}: {exception.Message}",
                exception
            );
        }
    }

    private static string TextOf(IEnumerable<TextPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));

    private static List<TextPiece> Split(string text)
    {
        var pieces = new List<TextPiece>();
        for (var at = 0; at < text.Length; )
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

    [GeneratedRegex(@"'[^'\n]*'|""[^""\n]*""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Literal();
}
