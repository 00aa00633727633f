using System.Text.Json;

namespace WebTrainer.Learning.Models;

/// <summary>Constants of rotary position embedding (arXiv:2104.09864).</summary>
/// <param name="Theta">θ, the base of the frequencies θ^(-2i/d).</param>
/// <param name="Scaling">How the frequencies are stretched to longer contexts; null for not at all.</param>
/// <param name="Share">Part of a head's channels that turn; the others carry no position.</param>
public sealed record RotaryConfig(double Theta = 10_000, RotaryScaling? Scaling = null, double Share = 1)
{
    /// <param name="values"><c>config.json</c></param>
    /// <param name="theta">Where the file names none.</param>
    /// <param name="share">Where the file names none.</param>
    internal static RotaryConfig Read(ConfigReader values, double theta = 10_000, double share = 1)
    {
        var scaled = values.Find("rope_scaling");
        return Read(values, values.Find("rope_parameters") ?? scaled, theta, share);
    }

    /// <summary>The rotations of one kind of layer, which newer files nest and older ones name apart.</summary>
    /// <param name="values"><c>config.json</c></param>
    /// <param name="layers">The kind, as in <c>layer_types</c>.</param>
    /// <param name="name">The older key of the rate.</param>
    /// <param name="theta">Where the file names none.</param>
    /// <param name="scaled">Whether <c>rope_scaling</c> is of these layers.</param>
    internal static RotaryConfig ReadOf(ConfigReader values, string layers, string name, double theta, bool scaled)
    {
        var whole = values.Find("rope_scaling");
        var nested = values.Find("rope_parameters") is { } parameters ? ModelConfig.Optional(parameters, layers) : null;
        var config = Read(values, nested ?? (scaled ? whole : null), theta, share: 1);
        return values.Find(name) is { } own ? config with { Theta = own.GetDouble() } : config;
    }

    private static RotaryConfig Read(ConfigReader values, JsonElement? parameters, double theta, double share)
    {
        JsonElement? Nested(string name) => parameters is { } nested ? ModelConfig.Optional(nested, name) : null;
        var own = (values.Find("partial_rotary_factor") ?? Nested("partial_rotary_factor"))?.GetDouble();
        return new(
            (Nested("rope_theta") ?? values.Find("rope_theta"))?.GetDouble() ?? theta,
            parameters is { } scaling ? RotaryScaling.Read(values, scaling) : null,
            own ?? share
        );
    }
}
