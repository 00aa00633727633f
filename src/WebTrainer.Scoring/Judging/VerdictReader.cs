using System.Globalization;
using System.Text.Json;

namespace WebTrainer.Scoring.Judging;

/// <summary>
/// Reads a judge's reply: one JSON object of the form that was asked for, or the bare letter or number, and nothing beside it. All else is
/// no verdict: a reply that has to be guessed at is one that a judged text may have talked into.
/// </summary>
public static class VerdictReader
{
    private const string ThinkBegin = "<think>",
        ThinkEnd = "</think>",
        Fence = "```";

    /// <returns>The place that won; null where the reply is no verdict.</returns>
    public static PairChoice? ReadPair(string reply) =>
        Value(reply, "verdict", JsonValueKind.String)?.ToUpperInvariant() switch
        {
            "A" => PairChoice.First,
            "B" => PairChoice.Second,
            "TIE" => PairChoice.Tie,
            _ => null,
        };

    /// <returns>The points; null where the reply is no verdict.</returns>
    public static int? ReadScore(string reply) =>
        int.TryParse(Value(reply, "score", JsonValueKind.Number), NumberStyles.None, CultureInfo.InvariantCulture, out var points)
        && points is >= ScoreOutcome.Lowest and <= ScoreOutcome.Highest
            ? points
            : null;

    private static string? Value(string reply, string name, JsonValueKind kind)
    {
        var text = Bare(reply);
        if (!text.StartsWith('{'))
        {
            return text.Trim('"', '*', '.', '\'', ' ');
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            string? found = null;
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name == name && found is null && property.Value.ValueKind == kind)
                {
                    found = kind == JsonValueKind.String ? property.Value.GetString() : property.Value.GetRawText();
                }
                else if (property.Name != "reason")
                {
                    return null; // twice the same, or something else that was not asked for
                }
            }

            return found;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Without what a reasoning model thinks before it replies, and without the fence that many models put around JSON.</summary>
    private static string Bare(string reply)
    {
        var text = reply.Trim();
        if (text.StartsWith(ThinkBegin, StringComparison.Ordinal))
        {
            text = text.IndexOf(ThinkEnd, StringComparison.Ordinal) is >= 0 and var end ? text[(end + ThinkEnd.Length)..].Trim() : "";
        }

        if (
            !text.StartsWith(Fence, StringComparison.Ordinal)
            || !text.EndsWith(Fence, StringComparison.Ordinal)
            || text.Length < 2 * Fence.Length
        )
        {
            return text;
        }

        text = text[Fence.Length..^Fence.Length];
        return (text.StartsWith("json", StringComparison.Ordinal) ? text["json".Length..] : text).Trim();
    }
}
