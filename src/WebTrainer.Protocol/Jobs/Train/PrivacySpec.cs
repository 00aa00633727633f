using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>How what a training tells of its rows is added up.</summary>
public enum PrivacyAccountant
{
    /// <summary>By the distribution of the privacy loss: the tighter one (arXiv:1906.03049).</summary>
    Pld,

    /// <summary>By Rényi divergence (arXiv:1908.10530), as Opacus does it.</summary>
    Rdp,
}

/// <summary>
/// Differential privacy of a training (DP-SGD, arXiv:1607.00133): whoever has the model can hardly tell whether a row, or all rows of a
/// group, were among those that it learned from.
/// </summary>
public sealed record PrivacySpec
{
    /// <summary>ε that the run may spend; 0 for a training without privacy.</summary>
    public double Epsilon { get; init; }

    /// <summary>δ, the chance that the guarantee does not hold, below 1; 0 for 1 ÷ the number of rows or groups.</summary>
    public double Delta { get; init; }

    /// <summary>C, the L2 norm that each row's or group's gradient is shortened to.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>σ, the noise's standard deviation over C; 0 for the least that keeps all steps within ε.</summary>
    public double NoiseMultiplier { get; init; }

    /// <summary>How ε is added up over the steps.</summary>
    public PrivacyAccountant Accountant { get; init; }

    /// <summary>
    /// A column kept beside the texts whose equal values are protected together, such as a patient; null where each row stands by itself.
    /// </summary>
    public string? GroupColumn { get; init; }

    /// <summary>
    /// Rows and noise are drawn by a cipher under a key that nobody knows (AES-256), made at the run's begin and gone at its end; else by
    /// the run's seed, which whoever sees the settings knows.
    /// </summary>
    public bool SecureNoise { get; init; }

    /// <summary>Whether there is a budget to keep.</summary>
    [JsonIgnore]
    public bool IsOn => Epsilon > 0;
}
