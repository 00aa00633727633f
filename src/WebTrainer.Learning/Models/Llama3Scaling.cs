using System.Text.Json.Nodes;

namespace WebTrainer.Learning.Models;

/// <summary>Llama 3.1's stretching of the low rotary frequencies to longer contexts.</summary>
/// <param name="Factor">What long waves are slowed by.</param>
/// <param name="LowFrequencyFactor">Waves longer than the original context over this are slowed whole.</param>
/// <param name="HighFrequencyFactor">Waves shorter than the original context over this are kept.</param>
/// <param name="OriginalContext">Context before stretching, in tokens.</param>
public sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext)
    : RotaryScaling
{
    internal static Llama3Scaling Read(ScalingNumbers numbers) =>
        new(numbers.Factor, numbers.Required("low_freq_factor"), numbers.Required("high_freq_factor"), numbers.OriginalContext);

    internal override double[] Frequencies(double theta, int size, int stage) => [.. Plain(theta, size).Select(Scale)];

    /// <summary>Long waves are slowed by the factor, short ones kept, those between are interpolated.</summary>
    public double Scale(double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalContext / HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > OriginalContext / LowFrequencyFactor)
        {
            return frequency / Factor;
        }

        var smooth = ((OriginalContext / wavelength) - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return ((1 - smooth) * frequency / Factor) + (smooth * frequency);
    }

    internal JsonObject ToJson() =>
        new()
        {
            ["rope_type"] = "llama3",
            ["factor"] = Factor,
            ["low_freq_factor"] = LowFrequencyFactor,
            ["high_freq_factor"] = HighFrequencyFactor,
            ["original_max_position_embeddings"] = OriginalContext,
        };
}
