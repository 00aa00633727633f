using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>In what two traces part first, in the order in which an answer comes about.</summary>
public enum ReplayPart
{
    /// <summary>The template gave other text.</summary>
    Rendered,

    /// <summary>The same text became other tokens.</summary>
    Tokens,

    /// <summary>The same tokens were answered by others.</summary>
    Answer,

    /// <summary>The same answer was likelier, or less likely, than arithmetic explains.</summary>
    LogProbability,
}

/// <summary>The first place where what is served is not what was trained.</summary>
/// <param name="Id">Of the prompt.</param>
/// <param name="Part">What differs.</param>
/// <param name="At">Character of the text, or place of the token, from 0.</param>
/// <param name="Trained">What stands there as it was trained, with a little before and behind it.</param>
/// <param name="Served">The same, as it is served.</param>
public sealed record ReplayDifference(string Id, ReplayPart Part, int At, string Trained, string Served);

/// <summary>Whether what is served is what was trained, and how far they are apart.</summary>
public sealed record ReplayReport
{
    private const int ShownCharacters = 60;
    private const int ShownTokens = 8;

    /// <summary>Prompts that were asked.</summary>
    public required int Prompts { get; init; }

    /// <summary>Where they come from, in words.</summary>
    public required string Source { get; init; }

    /// <summary>How the served weights are kept.</summary>
    public required WeightPrecision Precision { get; init; }

    /// <summary>Null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReplayDifference? First { get; init; }

    /// <summary>Prompts whose answer is another one.</summary>
    public int ChangedAnswers { get; init; }

    /// <summary>The largest difference of two log-probabilities of the same token, in nats.</summary>
    public double LargestGap { get; init; }

    /// <summary>As far as it may be where the weights are full.</summary>
    public double Tolerance { get; init; }

    /// <summary>See <see cref="ReplayTraces.PackedDivergence"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PackedDivergence { get; init; }

    /// <summary>
    /// Full weights must give the very same; packed ones must read the very same, and how far their answers are from the full ones' is for
    /// people to judge.
    /// </summary>
    [JsonIgnore]
    public bool Passed =>
        First is null || (Precision != WeightPrecision.Full && First.Part is ReplayPart.Answer or ReplayPart.LogProbability);

    /// <summary>Holds what is served against what was trained.</summary>
    /// <param name="trained">Of the replay job.</param>
    /// <param name="served">The same prompts in the same order, by the served path.</param>
    /// <exception cref="ArgumentException">The prompts are not the same.</exception>
    public static ReplayReport Of(ReplayTraces trained, IReadOnlyList<AnswerTrace> served, WeightPrecision precision, string source)
    {
        if (!trained.Traces.Select(trace => trace.Id).SequenceEqual(served.Select(trace => trace.Id)))
        {
            throw new ArgumentException("The served answers are to other prompts.", nameof(served));
        }

        var (first, changed, gap) = ((ReplayDifference?)null, 0, 0.0);
        foreach (var (one, other) in trained.Traces.Zip(served))
        {
            var difference = Differ(one, other, trained.Tolerance, out var apart);
            gap = Math.Max(gap, apart);
            changed += one.Answer.SequenceEqual(other.Answer) && one.Text == other.Text ? 0 : 1;
            first = Earlier(first, difference);
        }

        return new ReplayReport
        {
            Prompts = served.Count,
            Source = source,
            Precision = precision,
            First = first,
            ChangedAnswers = changed,
            LargestGap = gap,
            Tolerance = trained.Tolerance,
            PackedDivergence = trained.PackedDivergence,
        };
    }

    /// <summary>What comes first on the way to an answer explains what comes behind it.</summary>
    private static ReplayDifference? Earlier(ReplayDifference? known, ReplayDifference? found) =>
        known is null || (found is not null && found.Part < known.Part) ? found : known;

    private static ReplayDifference? Differ(AnswerTrace trained, AnswerTrace served, double tolerance, out double gap)
    {
        gap = 0;
        if (trained.Rendered != served.Rendered)
        {
            var at = trained.Rendered.Zip(served.Rendered).TakeWhile(pair => pair.First == pair.Second).Count();
            return new(trained.Id, ReplayPart.Rendered, at, Around(trained.Rendered, at), Around(served.Rendered, at));
        }

        if (Part(trained.Prompt, served.Prompt) is { } token)
        {
            return new(trained.Id, ReplayPart.Tokens, token, Around(trained.Prompt, token), Around(served.Prompt, token));
        }

        var shared = trained.LogProbabilities.Zip(served.LogProbabilities).ToList();
        var same = Part(trained.Answer, served.Answer) ?? shared.Count;
        for (var place = 0; place < Math.Min(same, shared.Count); place++)
        {
            gap = Math.Max(gap, Math.Abs(shared[place].First - shared[place].Second));
        }

        if (!trained.Answer.SequenceEqual(served.Answer) || trained.Text != served.Text)
        {
            return new(trained.Id, ReplayPart.Answer, same, trained.Text, served.Text);
        }

        return gap > tolerance
            ? new(
                trained.Id,
                ReplayPart.LogProbability,
                shared.FindIndex(pair => Math.Abs(pair.First - pair.Second) > tolerance),
                string.Join(' ', shared.Select(pair => pair.First.ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture))),
                string.Join(' ', shared.Select(pair => pair.Second.ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture)))
            )
            : null;
    }

    private static int? Part(IReadOnlyList<int> one, IReadOnlyList<int> other)
    {
        var shared = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        return shared == one.Count && shared == other.Count ? null : shared;
    }

    private static string Around(string text, int at)
    {
        var begin = Math.Max(0, at - ShownCharacters / 2);
        return (begin > 0 ? "…" : "") + text[begin..Math.Min(text.Length, begin + ShownCharacters)];
    }

    private static string Around(IReadOnlyList<int> tokens, int at) =>
        string.Join(' ', tokens.Skip(Math.Max(0, at - ShownTokens / 2)).Take(ShownTokens));
}
