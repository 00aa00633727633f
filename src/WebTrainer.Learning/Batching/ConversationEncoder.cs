using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Batching;

/// <summary>
/// Puts conversations through a template and into tokens. The template's own text may hold control tokens; the messages' text
/// never does, so nobody can end an answer or change roles from inside the data.
/// </summary>
public sealed class ConversationEncoder
{
    private readonly IChatFormat _format;

    /// <param name="tokenizer">The model's.</param>
    /// <param name="format">Puts messages into text; its answer's end is where generation stops.</param>
    /// <param name="contextTokens">Longest sequence.</param>
    /// <param name="ends">Further tokens at which the model's turn is over, by its files.</param>
    /// <param name="apart">See <see cref="IsApart"/>.</param>
    public ConversationEncoder(
        TextTokenizer tokenizer,
        IChatFormat format,
        int contextTokens,
        IReadOnlySet<int>? ends = null,
        bool apart = false
    )
    {
        (Tokenizer, _format, ContextTokens, IsApart) = (tokenizer, format, contextTokens, apart);
        var mark = Encode(format.Answer("x").Reverse().TakeWhile(piece => piece.IsTemplate).Reverse())
            .Cast<int?>()
            .FirstOrDefault(id => tokenizer.IsAdded(id!.Value));
        AppendsEnd = mark is null && tokenizer.EndId is not null;
        EndIds = [.. new[] { mark, tokenizer.EndId }.OfType<int>().Concat(ends ?? new HashSet<int>())];
    }

    /// <summary>Messages go through the given patterns, one a role; no further end tokens.</summary>
    public ConversationEncoder(TextTokenizer tokenizer, PromptTemplate template, int contextTokens)
        : this(tokenizer, new PatternFormat(template), contextTokens) { }

    /// <summary>Tokenizer and chat format of a model's folder.</summary>
    /// <param name="folder">A Hugging Face folder with the tokenizer.</param>
    /// <param name="patterns">Used where the model brings no chat template of its own.</param>
    /// <param name="contextTokens">Longest sequence.</param>
    /// <param name="apart">See <see cref="IsApart"/>.</param>
    public static ConversationEncoder Of(string folder, PromptTemplate patterns, int contextTokens, bool apart = false)
    {
        var tokenizer = TextTokenizer.Load(folder);
        return new(tokenizer, ChatFormats.Of(folder, patterns, tokenizer, apart), contextTokens, EndTokens.Of(folder), apart);
    }

    /// <summary>The model's; words and template text are encoded apart, so that only the latter becomes control tokens.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Longest sequence; where prompts and answers stand apart, of each.</summary>
    public int ContextTokens { get; }

    /// <summary>
    /// Prompt and answer are texts of their own, each with the tokenizer's end: the encoder of an encoder-decoder reads the one, its
    /// decoder writes the other.
    /// </summary>
    public bool IsApart { get; }

    /// <summary>
    /// An answer is over at any of these: the tokenizer's end, those that the model's files name, and the one that the template writes
    /// behind an answer.
    /// </summary>
    public HashSet<int> EndIds { get; }

    /// <summary>
    /// The template ends answers with no token of its own, so the tokenizer's end is put there: otherwise nothing would teach the model to
    /// stop.
    /// </summary>
    public bool AppendsEnd { get; }

    /// <summary>
    /// Chat template (Jinja) by which other programs make the prompts that this encoder makes; null where the model brings its own, or its
    /// prompts are texts as they are.
    /// </summary>
    public string? MadeTemplate => _format.ToJinja(Tokenizer.BeginId is not null);

    /// <summary>What of tools the chat format has a form for.</summary>
    public ToolSupport Tools => _format.Tools;

    /// <summary>Counts rows whose tools the format shows otherwise, or not at all.</summary>
    /// <returns>Null where there are none.</returns>
    public UnshownTools? Unshown(IReadOnlyCollection<DatasetRow> rows)
    {
        if (!rows.Any(row => row.Messages.Any(message => message.IsOfTools)))
        {
            return null;
        }

        long Count(bool shown, Func<ChatMessage, bool> holds) => shown ? 0 : rows.LongCount(row => row.Messages.Any(holds));
        var unshown = new UnshownTools(
            Count(Tools.Definitions, message => message.Tools is not null),
            Count(Tools.Calls, message => message.Calls is not null),
            Count(Tools.Results, message => message.Result is not null)
        );
        return unshown is (0, 0, 0) ? null : unshown;
    }

    /// <summary>The row and its rejected answer as training sees them.</summary>
    /// <exception cref="DataException">The row has no rejected answer.</exception>
    public TokenRow EncodePair(DatasetRow row)
    {
        if (row.Rejected is not { } rejected)
        {
            throw new DataException(
                row.Desired is null
                    ? $"Row {row.Id} has no rejected answer; this loss needs pairs of a chosen and a rejected one."
                    : $"Row {row.Id} is marked as wanted or not and has no rejected answer; this loss needs pairs. Choose KTO, which learns from marks."
            );
        }

        return Encode(row) with
        {
            Rejected = Encode(
                row with
                {
                    Messages = [.. row.Messages.SkipLast(1), row.Messages[^1] with { Content = rejected, Calls = null }],
                }
            ),
        };
    }

    /// <summary>The row's answer with its mark; a pair's are taken as one that is wanted and one that is not.</summary>
    /// <exception cref="DataException">Nobody has said whether the answer is wanted.</exception>
    public IEnumerable<TokenRow> EncodeJudged(DatasetRow row)
    {
        if (row.Rejected is not null)
        {
            var pair = EncodePair(row);
            return [pair with { Rejected = null, Wanted = true }, pair.Rejected! with { Wanted = false }];
        }

        return row.Desired is { } wanted
            ? [Encode(row) with { Wanted = wanted }]
            : throw new DataException(
                $"Row {row.Id} doesn't say whether its answer is wanted; KTO needs such a mark at each row, or pairs of a chosen and a rejected answer."
            );
    }

    /// <summary>All of a row's text, without a template, in windows of the context; every token but each first is learned.</summary>
    public IEnumerable<TokenRow> EncodeText(DatasetRow row)
    {
        List<int> ids =
        [
            .. Tokenizer.BeginId is { } begin ? (int[])[begin] : [],
            .. Tokenizer.Encode(string.Join("\n\n", row.Messages.Select(message => message.Content))),
            .. Tokenizer.EndId is { } end ? (int[])[end] : [],
        ];
        return ids.Chunk(ContextTokens).Where(window => window.Length > 1).Select(window => new TokenRow(row.Id, window, AnswerStart: 1));
    }

    /// <summary>The row as training sees it: the last assistant message and its suffix are learned.</summary>
    public TokenRow Encode(DatasetRow row)
    {
        var (prompt, answer) = Parts(row.Messages);
        if (IsApart ? Math.Max(prompt.Count, answer.Count) <= ContextTokens : prompt.Count + answer.Count <= ContextTokens)
        {
            return new(row.Id, [.. prompt, .. answer], prompt.Count);
        }

        // The prompt loses its left end. Only an answer that alone overflows the context loses its right one.
        var keptAnswer = Math.Min(answer.Count, IsApart ? ContextTokens : ContextTokens - 1);
        var keptPrompt = IsApart ? ContextTokens : Math.Max(1, ContextTokens - keptAnswer);
        return new(
            row.Id,
            [.. prompt.TakeLast(keptPrompt), .. answer.Take(keptAnswer)],
            Math.Min(keptPrompt, prompt.Count),
            Truncated: true
        );
    }

    /// <summary>Whether the model's chat template says what is learned of a conversation.</summary>
    public bool MarksGeneration => _format.MarksGeneration;

    /// <summary>
    /// A conversation with several answers as one sequence, and where each asked answer stands in it with what ends it. Null where that
    /// can't be said, since the template shows earlier answers otherwise than it asks for them, or ends them with no token.
    /// </summary>
    /// <param name="messages">The whole conversation, the asked answers among them.</param>
    /// <param name="answers">Places among the messages, rising.</param>
    internal (int[] Tokens, List<(int Start, int End)> Stretches)? EncodeTogether(
        IReadOnlyList<ChatMessage> messages,
        IReadOnlyList<int> answers
    )
    {
        if (AppendsEnd || IsApart)
        {
            return null;
        }

        var (whole, stretches) = (Begun(_format.Whole(messages)), new List<(int, int)>());
        foreach (var answer in answers)
        {
            var (prompt, until) = (EncodePrompt(messages.Take(answer)), Begun(_format.Whole([.. messages.Take(answer + 1)])));
            var (start, end) = (Shared(prompt, whole), Shared(until, whole));
            // The last token may join what follows.
            if (start != Shared(prompt, until) || end < until.Count - 1 || end <= start)
            {
                return null;
            }

            stretches.Add((Math.Max(1, start), end));
        }

        return ([.. whole], stretches);
    }

    /// <summary>A conversation, and what of it the chat template marks as the model's; an end is put behind it where it has none.</summary>
    internal (int[] Tokens, List<(int Start, int End)> Stretches) EncodeMarked(IReadOnlyList<ChatMessage> messages)
    {
        var pieces = _format.Generated(messages);
        var (whole, stretches) = (Begun(pieces), new List<(int Start, int End)>());
        for (var at = 0; at < pieces.Count; at++)
        {
            if (!pieces[at].IsGenerated)
            {
                continue;
            }

            var behind = at;
            while (behind < pieces.Count && pieces[behind].IsGenerated)
            {
                behind++;
            }

            stretches.Add((Math.Max(1, PlaceOf(at)), PlaceOf(behind)));
            at = behind;
        }

        if (AppendsEnd && stretches.Count > 0 && stretches[^1].End == whole.Count)
        {
            whole.Add(Tokenizer.EndId!.Value);
            stretches[^1] = (stretches[^1].Start, whole.Count);
        }

        return ([.. whole], [.. stretches.Where(stretch => stretch.End > stretch.Start)]);

        int PlaceOf(int piece) => piece == pieces.Count ? whole.Count : Shared(Begun([.. pieces.Take(piece)]), whole);
    }

    /// <summary>Everything up to the place where the model's answer begins.</summary>
    public List<int> EncodePrompt(IEnumerable<ChatMessage> messages) => Ended(Begun(_format.Prompt([.. messages])));

    /// <summary>A text without template as a prompt.</summary>
    public List<int> EncodePrompt(string text) =>
        Ended([.. Tokenizer.BeginId is { } begin ? (int[])[begin] : [], .. Tokenizer.Encode(text)]);

    /// <summary>An answer with what ends it, as it is encoded behind a prompt.</summary>
    public List<int> EncodeAnswer(string content) =>
        IsApart
            ? [.. Encode(_format.Answer(content)), .. AppendsEnd ? (int[])[Tokenizer.EndId!.Value] : []]
            : Parts([new("user", "x"), new("assistant", content)]).Answer;

    /// <summary>
    /// Prompt and answer are encoded in one unless they stand apart, since a tokenizer may join their border or write a text's begin
    /// otherwise than its middle; the answer begins where both part.
    /// </summary>
    private (List<int> Prompt, List<int> Answer) Parts(IReadOnlyList<ChatMessage> messages)
    {
        if (IsApart)
        {
            return (EncodePrompt(messages.SkipLast(1)), EncodeAnswer(messages[^1].Content));
        }

        var (prompt, whole) = (EncodePrompt(messages.SkipLast(1)), Begun(_format.Whole(messages)));
        var shared = Math.Max(Shared(prompt, whole), Math.Min(1, whole.Count - 1)); // nothing is learned without a token before it
        return (whole[..shared], [.. whole[shared..], .. AppendsEnd ? (int[])[Tokenizer.EndId!.Value] : []]);
    }

    /// <summary>How many tokens two sequences begin with in common.</summary>
    private static int Shared(List<int> first, List<int> second) => first.Zip(second).TakeWhile(pair => pair.First == pair.Second).Count();

    /// <summary>What an encoder reads ends as it was trained: with the tokenizer's end.</summary>
    private List<int> Ended(List<int> prompt) =>
        IsApart && Tokenizer.EndId is { } end && (prompt.Count == 0 || prompt[^1] != end) ? [.. prompt, end] : prompt;

    private List<int> Begun(IReadOnlyList<TextPiece> pieces) =>
        [.. Tokenizer.BeginId is { } begin && !_format.WritesBegin ? (int[])[begin] : [], .. Encode(pieces)];

    private IEnumerable<int> Encode(IEnumerable<TextPiece> pieces) =>
        Tokenizer.Encode(pieces.Select(piece => (piece.Text, piece.IsTemplate)));
}
