namespace WebTrainer.Protocol;

/// <summary>How the maps of a model are written in a GGUF file; norms and offsets are always float32.</summary>
public enum GgufWeights
{
    /// <summary>Float32: the model exactly.</summary>
    F32,

    /// <summary>Half precision.</summary>
    F16,

    /// <summary>Bfloat16, as most models are published.</summary>
    Bf16,

    /// <summary>Q8_0: 8 bits and a scale for each 32 numbers.</summary>
    Q8,

    /// <summary>Q4_0: 4 bits and a scale for each 32 numbers; embedding and head in Q8_0.</summary>
    Q4,
}
