using System.Text.Json;

namespace WebTrainer.Privacy.Accounting;

/// <summary>
/// What was done to a data set so far; kept as JSON, it goes on where it was. Steps of the same kind one after the other are one line, so
/// that it stays small. Values don't change; each step gives a new one.
/// </summary>
/// <param name="Done">In the order in which it was done.</param>
public sealed record PrivacyLedger(IReadOnlyList<GaussianStep> Done)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>Of data that nothing was done to.</summary>
    public static PrivacyLedger Empty { get; } = new([]);

    /// <summary>With steps that were done after the others.</summary>
    /// <exception cref="PrivacyProblemException">A value is out of its range, or there would be more steps than can be counted.</exception>
    public PrivacyLedger With(GaussianStep step)
    {
        step.Checked();
        if (Done.Count == 0 || Done[^1] with { Steps = step.Steps } != step)
        {
            return new([.. Done, step]);
        }

        var together = (long)Done[^1].Steps + step.Steps;
        return together <= int.MaxValue
            ? new([.. Done.SkipLast(1), step with { Steps = (int)together }])
            : throw new PrivacyProblemException($"There would be more than {int.MaxValue} steps.");
    }

    /// <summary>ε by the distribution of the loss, which is the tighter one.</summary>
    /// <exception cref="PrivacyProblemException">Delta is out of its range.</exception>
    public double Epsilon(double delta) => PldAccountant.Epsilon(Done, delta);

    /// <summary>ε by Rényi divergence, as Opacus gives it.</summary>
    /// <exception cref="PrivacyProblemException">Delta is out of its range.</exception>
    public double RdpEpsilon(double delta) => RdpAccountant.Epsilon(Done, delta).Epsilon;

    /// <summary>For a file.</summary>
    public string ToJson() => JsonSerializer.Serialize(Done, s_json);

    /// <exception cref="PrivacyProblemException">It is no such list, or a value in it is out of its range.</exception>
    public static PrivacyLedger Parse(string json)
    {
        try
        {
            var done = JsonSerializer.Deserialize<List<GaussianStep?>>(json, s_json) ?? throw new JsonException("There is nothing in it.");
            return done.Aggregate(Empty, (ledger, step) => ledger.With(step ?? throw new JsonException("A step is missing.")));
        }
        catch (JsonException fault)
        {
            throw new PrivacyProblemException("What was done to the data can't be read: " + fault.Message, fault);
        }
    }
}
