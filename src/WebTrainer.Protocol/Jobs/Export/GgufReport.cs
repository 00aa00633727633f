namespace WebTrainer.Protocol;

/// <summary>What was written as GGUF, and what of it was checked by reading the file anew.</summary>
public sealed record GgufReport
{
    /// <summary>The model's family, Hugging Face's <c>model_type</c>.</summary>
    public required string Family { get; init; }

    /// <summary>What the file calls the family (<c>general.architecture</c>).</summary>
    public required string Architecture { get; init; }

    /// <summary>What was asked for.</summary>
    public required GgufWeights Weights { get; init; }

    /// <summary>Length of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Tensors whose SHA-256 on the disk is that of what was written: all.</summary>
    public required int Tensors { get; init; }

    /// <summary>Tensors by the name of their format, such as Q8_0.</summary>
    public required IReadOnlyDictionary<string, int> Formats { get; init; }

    /// <summary>Tokens of the vocabulary, read back.</summary>
    public required int Tokens { get; init; }

    /// <summary>√(Σ(written − given)² / Σ given²) over all numbers of the model; 0 where they are written exactly.</summary>
    public required double RelativeError { get; init; }

    /// <summary>What the reader of the file ought to know of it, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
