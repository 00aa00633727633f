using System.Text.Json.Serialization;

namespace WebTrainer.Pipeline.Traffic;

/// <summary>One request to an endpoint and what became of it. No text of it is here unless a lead has asked for that.</summary>
public sealed record TrafficRecord
{
    /// <summary>As the answer tells its caller, who gives feedback by it.</summary>
    public required string Id { get; init; }

    /// <summary>When the request came in.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The version that answered.</summary>
    public required Guid Version { get; init; }

    /// <summary>The key it came by; null from the portal's own pages.</summary>
    public Guid? Key { get; init; }

    /// <summary>Whom the caller named as its user, cut; null where it named nobody.</summary>
    public string? User { get; init; }

    /// <summary>Of HTTP; 499 where the caller hung up.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Why the answer ended: <c>stop</c>, <c>length</c>, <c>cancelled</c> or <c>error</c>.</summary>
    public string Finish { get; init; } = "";

    /// <summary>Tokens read.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens written; of a classifier, none.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>Milliseconds to the first token, the wait for a place among others included.</summary>
    public double FirstTokenMilliseconds { get; init; }

    /// <summary>Milliseconds to the end.</summary>
    public double TotalMilliseconds { get; init; }

    /// <summary>The answer, where it is one of a closed set.</summary>
    public string? Label { get; init; }

    /// <summary>Probability of the answer, where there is one.</summary>
    public double? Confidence { get; init; }

    /// <summary>Words of the last message, by white space.</summary>
    public int PromptWords { get; init; }

    /// <summary>Characters of the answer.</summary>
    public int AnswerCharacters { get; init; }

    /// <summary>The caller never saw this answer.</summary>
    public bool Shadow { get; init; }

    /// <summary>Of a shadow's answer: it is the live one's to the letter.</summary>
    public bool? SameAsLive { get; init; }

    /// <summary>The last message with personal data masked; null unless texts are kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prompt { get; init; }

    /// <summary>The answer with personal data masked; null unless texts are kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Answer { get; init; }

    /// <summary>Milliseconds from token to token; null of answers with fewer than two.</summary>
    [JsonIgnore]
    public double? TokenMilliseconds => CompletionTokens > 1 ? (TotalMilliseconds - FirstTokenMilliseconds) / (CompletionTokens - 1) : null;
}
