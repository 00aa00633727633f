using System.Text.Json.Serialization;
using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>What stands before an answer: plain text, or a conversation that goes through the model's template.</summary>
public sealed record Prompt(string? Text, IReadOnlyList<ChatMessage>? Messages)
{
    /// <summary>Text in the form that a benchmark's spec asks for; as a message it is trimmed.</summary>
    public static Prompt Of(Prompting prompting, string text) =>
        prompting == Prompting.Text ? new(text, null) : new(null, [new ChatMessage("user", text.Trim())]);

    /// <summary>One message of a person, put through the model's template.</summary>
    /// <param name="message">Taken as it is.</param>
    public static Prompt Chat(string message) => new(null, [new ChatMessage("user", message)]);
}

/// <summary>One thing that a model is asked. Equal requests have equal answers, so that none needs to be asked twice.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "ask")]
[JsonDerivedType(typeof(ContinuationRequest), "continuation")]
[JsonDerivedType(typeof(ChoiceRequest), "choice")]
[JsonDerivedType(typeof(TextRequest), "text")]
[JsonDerivedType(typeof(WholeTextRequest), "whole")]
[JsonDerivedType(typeof(SimilarityRequest), "similarity")]
public abstract record ModelRequest;

/// <summary>How likely is this continuation? Answered by its log-probability.</summary>
/// <param name="Prompt">What stands before it.</param>
/// <param name="Continuation">Text, its first space included.</param>
/// <param name="Ends">What ends an answer counts too.</param>
public sealed record ContinuationRequest(Prompt Prompt, string Continuation, bool Ends = false) : ModelRequest;

/// <summary>Which label is the likeliest answer? Answered by its text.</summary>
public sealed record ChoiceRequest(Prompt Prompt, IReadOnlyList<string> Labels) : ModelRequest
{
    /// <summary>Its probability among the labels is asked for too: more labels have to be scored then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsWeighed { get; init; }
}

/// <summary>Go on from here. Answered by text.</summary>
/// <param name="Prompt">What stands before the answer.</param>
/// <param name="MaxNewTokens">Tokens of the answer at most.</param>
/// <param name="Stops">Texts at which the answer ends; none of them is part of it.</param>
public sealed record TextRequest(Prompt Prompt, int MaxNewTokens, IReadOnlyList<string> Stops) : ModelRequest
{
    /// <summary>0 means the likeliest text.</summary>
    public double Temperature { get; init; }

    /// <summary>Draw from the likeliest tokens that hold this share of the probability, above 0 to 1 (arXiv:1904.09751).</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Of the draws; the same request with the same seed has the same answer.</summary>
    public long Seed { get; init; }

    /// <summary>Number of the sample where several are drawn; part of the seed.</summary>
    public int Sample { get; init; }
}

/// <summary>How likely is this text, from its first word on? Answered by the log-probability of all its tokens.</summary>
public sealed record WholeTextRequest(string Text) : ModelRequest;

/// <summary>How like are two sentences? Answered by the cosine of an encoder's vectors.</summary>
public sealed record SimilarityRequest(string First, string Second) : ModelRequest;

/// <param name="Text">Empty where likelihood was asked for.</param>
/// <param name="LogProbability">Natural logarithm, of all tokens together.</param>
/// <param name="Tokens">Tokens that the log-probability is of, or that were written.</param>
public sealed record ModelResponse(string Text, double LogProbability, int Tokens)
{
    /// <summary>Probability of the chosen label among the labels; null where it was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Confidence { get; init; }

    /// <summary>Cosine of two sentences' vectors, -1 to 1; null where something else was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Similarity { get; init; }
}
