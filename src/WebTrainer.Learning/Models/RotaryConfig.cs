using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>Constants of rotary position embedding (arXiv:2104.09864).</summary>
/// <param name="Share">Part of a head's channels that turn; the others carry no position.</param>
public sealed record RotaryConfig(double Theta = 10_000, Llama3Scaling? Scaling = null, double Share = 1)
{
    /// <param name="theta">Where the file names none.</param>
    /// <param name="share">Where the file names none.</param>
    internal static RotaryConfig Read(ConfigReader values, double theta = 10_000, double share = 1)
    {
        var scaled = values.Find("rope_scaling");
        var parameters = values.Find("rope_parameters") ?? scaled;
        JsonElement? Nested(string name) => parameters is { } nested ? ModelConfig.Optional(nested, name) : null;
        return new(
            (values.Find("rope_theta") ?? Nested("rope_theta"))?.GetDouble() ?? theta,
            parameters is { } scaling ? ReadScaling(scaling) : null,
            Nested("partial_rotary_factor")?.GetDouble() ?? share);
    }

    private static Llama3Scaling? ReadScaling(JsonElement scaling)
    {
        var type = (ModelConfig.Optional(scaling, "rope_type") ?? ModelConfig.Optional(scaling, "type"))?.GetString();
        return type switch
        {
            null or "default" => null,
            "llama3" => new(
                scaling.GetProperty("factor").GetDouble(),
                scaling.GetProperty("low_freq_factor").GetDouble(),
                scaling.GetProperty("high_freq_factor").GetDouble(),
                scaling.GetProperty("original_max_position_embeddings").GetInt32()),
            _ => throw new ModelFileException($"The position scaling '{type}' is not known here."),
        };
    }
}

/// <summary>Llama 3.1's stretching of the low rotary frequencies to longer contexts.</summary>
/// <param name="OriginalContext">Context before stretching, in tokens.</param>
public sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext)
{
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

    internal JsonObject ToJson() => new()
    {
        ["rope_type"] = "llama3",
        ["factor"] = Factor,
        ["low_freq_factor"] = LowFrequencyFactor,
        ["high_freq_factor"] = HighFrequencyFactor,
        ["original_max_position_embeddings"] = OriginalContext,
    };
}
