namespace WebTrainer.Protocol;

/// <summary>First line of a connection to a serving worker.</summary>
public sealed record ServeHello(string Token);

/// <summary>A line from portal to serving worker. Many may be active on one connection at once.</summary>
/// <param name="Id">Chosen by the caller, repeated in each answer line.</param>
/// <param name="Model"><c>base</c> or an adapter's name.</param>
/// <param name="Messages">A conversation, put through the template; null when <paramref name="Prompt"/> is given.</param>
/// <param name="Prompt">Raw text to go on from.</param>
public sealed record GenerateRequest(string Id, string Model, IReadOnlyList<ChatMessage>? Messages = null, string? Prompt = null)
{
    /// <summary>Texts to be classified; null where text is to be written.</summary>
    public IReadOnlyList<TextToClassify>? Texts { get; init; }

    /// <summary>Tell so many of the likeliest labels of each text; null for all.</summary>
    public int? MostLabels { get; init; }

    /// <summary>
    /// Tell a vector of each text instead of labels: by the encoder as it is, whatever was trained from it. None of the texts may be longer
    /// than it reads.
    /// </summary>
    public bool Vectors { get; init; }

    /// <summary>New tokens at most; the model's context may end an answer earlier.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Greedy where nothing is said.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>What the answer must be; null for any text.</summary>
    public AnswerConstraint? Constraint { get; init; }

    /// <summary>Answers to the same prompt, each with draws of its own; they come under the same id, told apart by their index.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>Tell the log-probability of each token, and of this many likeliest ones beside it; null for none.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>
    /// Answer with the prompt itself first; with <see cref="LogProbabilities"/>, those of its tokens too: how likely a given text is.
    /// </summary>
    public bool Echo { get; init; }

    /// <summary>Texts at which an answer ends; none of them is part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Same seed, same draws; null for another one each time.</summary>
    public long? Seed { get; init; }

    /// <summary>Tell the prompt as the model reads it, and each token's id: <see cref="GenerateChunk.Trace"/>.</summary>
    public bool Trace { get; init; }

    /// <summary>Ends the request with this id; everything else is ignored.</summary>
    public bool Cancel { get; init; }
}

/// <param name="Text">What is classified; of one that is longer than the classifier reads the end is left out.</param>
/// <param name="Pair">The second text where the classifier learned pairs.</param>
public sealed record TextToClassify(string Text, string? Pair = null);

/// <summary>What a classifier says of a text.</summary>
/// <param name="Answer">The label, the labels with their separator, or the number.</param>
/// <param name="Places">Of the labels that are told, the likeliest first.</param>
/// <param name="Probabilities">Of each of them; the number itself where there are no labels.</param>
/// <param name="Truncated">The text was longer than the classifier reads; its end was left out.</param>
public sealed record ClassifiedText(string Answer, IReadOnlyList<int> Places, IReadOnlyList<float> Probabilities, bool Truncated);

/// <summary>How the next token is drawn.</summary>
public sealed record SamplingSettings
{
    /// <summary>0 means greedy.</summary>
    public double Temperature { get; init; }

    /// <summary>Draw from this many likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Draw from the fewest likeliest tokens that have this share together.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Draw from tokens at least this times as likely as the likeliest.</summary>
    public double MinP { get; init; }

    /// <summary>Above 1: what was there before becomes less likely.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken from a token's score for each time that it is in the answer so far; below 0 it becomes likelier.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Taken once from the scores of all tokens of the answer so far.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Added to the scores of these tokens, by their number.</summary>
    public IReadOnlyDictionary<int, double>? LogitBias { get; init; }
}

/// <summary>How likely a token was after what stood before it.</summary>
/// <param name="Text">The token's bytes as UTF-8; what is no text by itself is shown as the replacement character.</param>
/// <param name="LogProbability">Natural logarithm; null for the first token of a text, before which there is nothing.</param>
/// <param name="Likeliest">The likeliest tokens in its place.</param>
public sealed record TokenLogProbability(string Text, double? LogProbability, IReadOnlyList<TokenAlternative> Likeliest);

/// <summary>A token that could have stood in another's place.</summary>
/// <param name="Text">As in <see cref="TokenLogProbability"/>.</param>
/// <param name="LogProbability">Natural logarithm.</param>
public sealed record TokenAlternative(string Text, double LogProbability);

/// <summary>Why a request can't be answered by anybody: sent again, it is refused again.</summary>
public enum RequestFault
{
    /// <summary>Names what there is not, or asks for what the model can't do.</summary>
    Wrong,

    /// <summary>Longer than the model reads.</summary>
    TooLong,

    /// <summary>Its constraint can't be kept.</summary>
    Constraint,
}

/// <summary>A line from serving worker to portal: some text, or the end.</summary>
/// <param name="Id">As <see cref="GenerateRequest.Id"/> of the request that it answers.</param>
/// <param name="Text">New text since the last line, whole characters only.</param>
/// <param name="FinishReason">Null while it goes on; then <c>stop</c>, <c>length</c>, <c>cancelled</c> or <c>error</c>.</param>
public sealed record GenerateChunk(string Id, string Text, string? FinishReason = null)
{
    /// <summary>Which of the request's answers it is of, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Tokens of the prompt, at the end of the request's last answer; null before.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Tokens of the prompt that another request had read before, told with <see cref="PromptTokens"/>.</summary>
    public int? CachedTokens { get; init; }

    /// <summary>New tokens of all answers, at the end of the last; null before.</summary>
    public int? CompletionTokens { get; init; }

    /// <summary>Why there is no answer, in a sentence for who asked; null where all is well.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the request is at fault, and how; null where it is not.</summary>
    public RequestFault? Fault { get; init; }

    /// <summary>What a classifier says, text by text; null where text is written.</summary>
    public IReadOnlyList<ClassifiedText>? Classified { get; init; }

    /// <summary>A vector of length 1 of each text, float32 in little-endian bytes; null where none were asked for.</summary>
    public IReadOnlyList<byte[]>? Vectors { get; init; }

    /// <summary>The classifier's labels; empty for numbers, null where text is written.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Of the tokens since the last line, where that was asked for.</summary>
    public IReadOnlyList<TokenLogProbability>? Tokens { get; init; }

    /// <summary>What went into the model and came out since the last line, where that was asked for.</summary>
    public TokenTrace? Trace { get; init; }
}

/// <summary>Tokens on their way through a model.</summary>
public sealed record TokenTrace
{
    /// <summary>The prompt after the template, as text; null behind the first line.</summary>
    public string? Rendered { get; init; }

    /// <summary>Its token ids; null behind the first line.</summary>
    public IReadOnlyList<int>? Prompt { get; init; }

    /// <summary>The new tokens' ids; empty where none was written.</summary>
    public IReadOnlyList<int> Answer { get; init; } = [];
}
