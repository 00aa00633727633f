using System.Globalization;
using System.Text.RegularExpressions;

namespace WebTrainer.Domain.Projects;

/// <summary>What a goal's limit is about; each is measured where an evaluation asks for speed.</summary>
public enum LimitKind
{
    /// <summary>Seconds to the first token, of half of the requests.</summary>
    FirstToken,

    /// <summary>Seconds from token to token, of half of the requests.</summary>
    NextToken,

    /// <summary>New tokens a second, one request at a time.</summary>
    TokensPerSecond,

    /// <summary>Bytes that the process held at most.</summary>
    Memory,

    /// <summary>Bytes of the weights in memory.</summary>
    Size,

    /// <summary>Joules a token.</summary>
    Energy,

    /// <summary>Price of 1,000 new tokens, one request at a time, in the project's currency.</summary>
    Cost,
}

/// <summary>
/// One line of a goal's limits. Lines like "latency at most 200 ms", "memory at most 500 MB", "speed at least 20 tokens/s" or "cost at most
/// 0.05 per 1,000 tokens" are checked; all others are words for people.
/// </summary>
/// <param name="Text">The line as it was written, trimmed.</param>
/// <param name="Kind">Null for words.</param>
/// <param name="Value">In seconds, bytes, joules, tokens a second or money.</param>
/// <param name="AtMost">The measured value must not pass the limit; else it must reach it.</param>
public sealed partial record GoalLimit(string Text, LimitKind? Kind, double Value, bool AtMost)
{
    /// <summary>It was understood and is held against a measurement; false for words that only people read.</summary>
    public bool IsChecked => Kind is not null;

    /// <summary>Of each line, and of each part that semicolons divide.</summary>
    public static IReadOnlyList<GoalLimit> ReadAll(string limits) =>
        [.. limits.Split(['\n', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Read)];

    /// <param name="value">What was measured; null where it was not.</param>
    public GoalState? Judge(double? value) =>
        !IsChecked || value is not { } measured || !double.IsFinite(measured) ? null
        : (AtMost ? measured <= Value : measured >= Value) ? GoalState.Met
        : GoalState.Missed;

    private static GoalLimit Read(string text)
    {
        var words = new GoalLimit(text, null, 0, AtMost: true);
        if (Pattern().Match(text) is not { Success: true } match)
        {
            return words;
        }

        var (name, unit) = (
            match.Groups["what"].Value.ToLowerInvariant(),
            match.Groups["unit"].Value.Trim().TrimEnd('.').ToLowerInvariant()
        );
        var kind = KindOf(name);
        var atMost = IsUpper(match.Groups["bound"].Value) ?? kind != LimitKind.TokensPerSecond;
        return
            FactorOf(kind, unit) is { } factor
            && double.TryParse(
                match.Groups["number"].Value.Replace(",", "", StringComparison.Ordinal),
                CultureInfo.InvariantCulture,
                out var number
            )
            ? new(text, kind, number * factor, atMost)
            : words;
    }

    private static LimitKind KindOf(string name) =>
        name switch
        {
            "latency" or "first token" => LimitKind.FirstToken,
            "next token" => LimitKind.NextToken,
            "speed" or "throughput" => LimitKind.TokensPerSecond,
            "memory" or "peak memory" => LimitKind.Memory,
            "size" => LimitKind.Size,
            "energy" => LimitKind.Energy,
            _ => LimitKind.Cost,
        };

    private static bool? IsUpper(string bound) =>
        bound.Trim().ToLowerInvariant() switch
        {
            "" => null,
            "at least" or "≥" or ">=" or ">" or "above" or "over" or "min" or "minimum" => false,
            _ => true,
        };

    /// <summary>Null where the unit is none of the kind's: such a line is words.</summary>
    private static double? FactorOf(LimitKind kind, string unit) =>
        (kind, unit) switch
        {
            (LimitKind.FirstToken or LimitKind.NextToken, "ms") => 1e-3,
            (LimitKind.FirstToken or LimitKind.NextToken, "s" or "second" or "seconds") => 1,
            (LimitKind.TokensPerSecond, "tokens/s" or "tokens a second" or "tokens per second" or "tok/s") => 1,
            (LimitKind.Memory or LimitKind.Size, "kb") => 1e3,
            (LimitKind.Memory or LimitKind.Size, "mb") => 1e6,
            (LimitKind.Memory or LimitKind.Size, "gb") => 1e9,
            (LimitKind.Memory or LimitKind.Size, "mib") => 1 << 20,
            (LimitKind.Memory or LimitKind.Size, "gib") => 1 << 30,
            (LimitKind.Energy, "j" or "j a token" or "j/token" or "joules a token") => 1,
            (LimitKind.Cost, _) when CostUnit().IsMatch(unit) => 1,
            _ => null,
        };

    private const int PatternMilliseconds = 1000;

    [GeneratedRegex(
        @"^(?<what>latency|first token|next token|speed|throughput|peak memory|memory|size|energy|cost)\s*:?\s*(?<bound>at most|at least|≤|≥|<=|>=|<|>|below|under|above|over|up to|max|maximum|min|minimum)?\s*(?<number>\d[\d,]*(\.\d+)?)\s*(?<unit>\D.*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        PatternMilliseconds
    )]
    private static partial Regex Pattern();

    [GeneratedRegex(
        @"^([a-z]{3} )?(per|a|/|for) ?(1,?000|thousand|1k) tokens$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        PatternMilliseconds
    )]
    private static partial Regex CostUnit();
}
