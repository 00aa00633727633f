namespace WebTrainer.Protocol;

/// <summary>How the weights of the layers are kept in memory.</summary>
public enum WeightPrecision
{
    /// <summary>As the model's files have them, or in the device's own short type.</summary>
    Full,

    /// <summary>Eight bits a weight and a scale a row.</summary>
    EightBits,

    /// <summary>4.13 bits a weight (arXiv:2305.14314).</summary>
    FourBits,
}
