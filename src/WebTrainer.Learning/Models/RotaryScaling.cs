using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>How rotary frequencies are stretched so that a model reads further than it was first trained for.</summary>
public abstract record RotaryScaling
{
    /// <summary>Factor of cosines and sines, and so, squared, of attention's scores.</summary>
    public virtual double Magnitude => 1;

    /// <summary>
    /// Which of its sets of frequencies a text of so many tokens is read by; 0 for the one that it is first trained with.
    /// </summary>
    internal virtual int StageOf(int tokens) => 0;

    /// <summary>A text that grows into another stage is read again from its begin, so that all of it was turned alike.</summary>
    internal virtual bool ReadsAgain => false;

    /// <param name="theta">θ of the frequencies before scaling.</param>
    /// <param name="size">Channels that turn.</param>
    /// <param name="stage">From <see cref="StageOf"/>.</param>
    /// <returns>Radians a token, of each pair of channels.</returns>
    internal abstract double[] Frequencies(double theta, int size, int stage);

    /// <summary>θ^(-2i/d).</summary>
    internal static double[] Plain(double theta, int size) =>
        [.. Enumerable.Range(0, size / 2).Select(pair => Math.Pow(theta, -2.0 * pair / size))];

    /// <param name="values"><c>config.json</c>, for what stands beside the scaling.</param>
    /// <param name="scaling"><c>rope_scaling</c>, or <c>rope_parameters</c> of newer files.</param>
    /// <returns>Null where nothing is stretched.</returns>
    /// <exception cref="ModelFileException">The kind is not known here, or its numbers can't be.</exception>
    internal static RotaryScaling? Read(ConfigReader values, JsonElement scaling)
    {
        var type = (ModelConfig.Optional(scaling, "rope_type") ?? ModelConfig.Optional(scaling, "type"))?.GetString();
        var numbers = new ScalingNumbers(values, scaling);
        return type switch
        {
            null or "default" or "mrope" => null, // several axes of positions are one axis in text
            "linear" => new LinearScaling(numbers.Factor),
            "dynamic" => new DynamicScaling(numbers.Factor, numbers.OriginalContext),
            "yarn" => YarnScaling.Read(numbers),
            "longrope" or "su" => LongScaling.Read(numbers),
            "llama3" => Llama3Scaling.Read(numbers),
            _ => throw new ModelFileException(
                $"The position scaling '{type}' is not known here; linear, dynamic, yarn, longrope and llama3 are."
            ),
        };
    }
}

/// <summary>The numbers of a scaling, which stand beside it or at the root of <c>config.json</c>.</summary>
internal sealed class ScalingNumbers(ConfigReader values, JsonElement scaling)
{
    private const string Original = "original_max_position_embeddings";

    public int Context =>
        values.OptionalInt("max_position_embeddings")
        ?? throw new ModelFileException("config.json lacks max_position_embeddings, which its rope_scaling needs.");

    /// <summary>Tokens of a text before stretching.</summary>
    public int OriginalContext => Positive(Original, NamedContext ?? Context);

    /// <summary>The same, if the file says so.</summary>
    public int? NamedContext => values.OptionalInt(Original) ?? ModelConfig.Optional(scaling, Original)?.GetInt32();

    public double Factor => OptionalFactor ?? throw new ModelFileException("config.json: rope_scaling lacks its factor.");

    public double? OptionalFactor => Number("factor") is { } factor ? Positive("factor", factor) : null;

    public double? Number(string name) => ModelConfig.Optional(scaling, name)?.GetDouble();

    public double Required(string name) => Number(name) ?? throw new ModelFileException($"config.json: rope_scaling lacks {name}.");

    public bool Flag(string name, bool absent) => ModelConfig.Optional(scaling, name)?.GetBoolean() ?? absent;

    public double[] Numbers(string name) =>
        ModelConfig.Optional(scaling, name) is { } list
            ? [.. list.EnumerateArray().Select(number => Positive(name, number.GetDouble()))]
            : throw new ModelFileException($"config.json: rope_scaling lacks {name}.");

    private static T Positive<T>(string name, T value)
        where T : System.Numerics.INumber<T> =>
        value > T.Zero ? value : throw new ModelFileException($"config.json: {name} of rope_scaling is {value}; it must be above zero.");
}

/// <summary>All positions closer together (Chen et al., arXiv:2306.15595).</summary>
public sealed record LinearScaling(double Factor) : RotaryScaling
{
    internal override double[] Frequencies(double theta, int size, int stage) =>
        [.. Plain(theta, size).Select(frequency => frequency / Factor)];
}

/// <summary>A base that grows with the text once it is longer than the original context ("dynamic NTK").</summary>
/// <param name="Factor">How much further the model reads than its original context.</param>
/// <param name="OriginalContext">In tokens.</param>
public sealed record DynamicScaling(double Factor, int OriginalContext) : RotaryScaling
{
    internal override int StageOf(int tokens) => tokens > OriginalContext ? tokens : 0;

    internal override double[] Frequencies(double theta, int size, int stage)
    {
        var growth = (Factor * Math.Max(stage, OriginalContext) / OriginalContext) - (Factor - 1);
        return Plain(size > 2 ? theta * Math.Pow(growth, size / (size - 2.0)) : theta, size);
    }
}

/// <summary>Short waves kept, long ones slowed by the factor, a ramp between (arXiv:2309.00071).</summary>
/// <param name="Factor">What long waves are slowed by.</param>
/// <param name="OriginalContext">In tokens.</param>
/// <param name="Fast">Turns over the original context from which a wave is kept.</param>
/// <param name="Slow">Turns below which it is slowed whole.</param>
/// <param name="Truncates">The ramp begins and ends at whole channels.</param>
/// <param name="Weight">Of cosines and sines.</param>
public sealed record YarnScaling(double Factor, int OriginalContext, double Fast, double Slow, bool Truncates, double Weight)
    : RotaryScaling
{
    private const double LeastRamp = 0.001;

    /// <summary><see cref="Weight"/>; of a file that names none, 0.1·ln(factor) + 1 (arXiv:2309.00071, section 3.4).</summary>
    public override double Magnitude => Weight;

    internal static YarnScaling Read(ScalingNumbers numbers)
    {
        var factor = numbers.OptionalFactor ?? (double)numbers.Context / numbers.OriginalContext;
        var weight =
            numbers.Number("attention_factor")
            ?? (
                numbers.Number("mscale") is { } part and not 0 && numbers.Number("mscale_all_dim") is { } all and not 0
                    ? WeightOf(factor, part) / WeightOf(factor, all)
                    : WeightOf(factor, 1)
            );
        return new(
            factor,
            numbers.OriginalContext,
            numbers.Number("beta_fast") ?? 32,
            numbers.Number("beta_slow") ?? 1,
            numbers.Flag("truncate", true),
            weight
        );
    }

    internal override double[] Frequencies(double theta, int size, int stage)
    {
        var (low, high) = Ramp(theta, size);
        return
        [
            .. Plain(theta, size)
                .Select(
                    (frequency, pair) =>
                    {
                        var slowed = Math.Clamp((pair - low) / (high - low), 0, 1);
                        return (frequency / Factor * slowed) + (frequency * (1 - slowed));
                    }
                ),
        ];
    }

    /// <summary>Pairs of channels at which the ramp begins and ends.</summary>
    private (double Low, double High) Ramp(double theta, int size)
    {
        double PairOf(double turns) => size * Math.Log(OriginalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        var (low, high) = (PairOf(Fast), PairOf(Slow));
        (low, high) = Truncates ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);
        (low, high) = (Math.Max(low, 0), Math.Min(high, size - 1));
        return (low, low == high ? high + LeastRamp : high);
    }

    private static double WeightOf(double factor, double part) => factor <= 1 ? 1 : (0.1 * part * Math.Log(factor)) + 1;
}

/// <summary>A factor for each wave, one set for texts up to the original context and one for longer ones (arXiv:2402.13753).</summary>
/// <param name="Near">Of texts up to the original context.</param>
/// <param name="Far">Of longer ones.</param>
/// <param name="OriginalContext">In tokens; texts up to here take the near factors.</param>
/// <param name="Weight">Of cosines and sines.</param>
public sealed record LongScaling(IReadOnlyList<double> Near, IReadOnlyList<double> Far, int OriginalContext, double Weight) : RotaryScaling
{
    /// <summary><see cref="Weight"/>; of a file that names none, √(1 + ln(factor) / ln(original context)) (arXiv:2402.13753).</summary>
    public override double Magnitude => Weight;

    internal override bool ReadsAgain => true;

    internal static LongScaling Read(ScalingNumbers numbers)
    {
        var factor = numbers.NamedContext is { } original ? (double)numbers.Context / original : numbers.OptionalFactor ?? 1;
        var weight =
            numbers.Number("attention_factor") ?? (factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(numbers.OriginalContext))));
        return new(numbers.Numbers("short_factor"), numbers.Numbers("long_factor"), numbers.OriginalContext, weight);
    }

    internal override int StageOf(int tokens) => tokens > OriginalContext ? 1 : 0;

    internal override double[] Frequencies(double theta, int size, int stage)
    {
        var factors = stage == 0 ? Near : Far;
        return factors.Count == size / 2
            ? [.. Plain(theta, size).Zip(factors, (frequency, factor) => frequency / factor)]
            : throw new ModelFileException($"config.json: rope_scaling has {factors.Count} factors for {size / 2} pairs of channels.");
    }
}
