using System.Text.Json;

namespace WebTrainer.Protocol;

/// <summary>What an answer must be: one of a few texts, or JSON that holds to a schema. One of the two is given.</summary>
public sealed record AnswerConstraint
{
    private static readonly JsonElement s_object = JsonSerializer.SerializeToElement(new { type = "object" });

    /// <summary>The whole answer is one of these, as they are; null where a schema is given.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>The whole answer is JSON that validates against this schema (draft 2020-12); null where choices are given.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Any JSON object.</summary>
    public static AnswerConstraint AnyObject { get; } = new() { Schema = s_object };
}
