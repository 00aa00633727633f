using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>What a classifier says of a text.</summary>
public enum ClassificationKind
{
    /// <summary>One label of a closed set; softmax over its scores.</summary>
    OneLabel,

    /// <summary>Any number of labels of a closed set; each is decided by itself (sigmoid at 0.5).</summary>
    SeveralLabels,

    /// <summary>A number; least squares.</summary>
    Number,
}

/// <summary>What of an encoder's states the head begins from.</summary>
public enum ClassifierHead
{
    /// <summary>The head that the model's folder brings; a fresh <see cref="Mean"/> where it brings none.</summary>
    Own,

    /// <summary>Mean of all tokens' states, then one linear map.</summary>
    Mean,

    /// <summary>State of the first token, then one linear map.</summary>
    First,

    /// <summary>The head of the family's sequence classification class, made anew.</summary>
    Family,
}

/// <summary>How rows weigh by their label.</summary>
public enum ClassWeighting
{
    /// <summary>Each row counts the same.</summary>
    None,

    /// <summary>rows / (labels · rows of the label): each label counts as much as another, however rare.</summary>
    Balanced,
}

/// <summary>A classification head on an encoder and how it learns; a run's base is an encoder where this is set.</summary>
public sealed record ClassifierSpec
{
    /// <summary>Whether a text has one label, several or a number.</summary>
    public ClassificationKind Kind { get; init; }

    /// <summary>What of the encoder the scores are made of, and whether the head begins anew.</summary>
    public ClassifierHead Head { get; init; }

    /// <summary>
    /// What stands between the labels of a row where <see cref="Kind"/> is <see cref="ClassificationKind.SeveralLabels"/>.
    /// </summary>
    public string Separator { get; init; } = ";";

    /// <summary>Share of what the head begins from that is dropped while training, 0 to 1.</summary>
    public double Dropout { get; init; }

    /// <summary>The head learns this many times as fast as the layers: it begins from nothing.</summary>
    public double HeadRate { get; init; } = 10;

    /// <summary>
    /// The learning rate of a layer is that of the one above it times this (arXiv:1801.06146); 1 for the same everywhere.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Part of each target that is spread over all labels, 0 to 1 (arXiv:1512.00567).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether rows of rare labels count more; only where a text has one label or several.</summary>
    public ClassWeighting ClassWeights { get; init; }

    /// <summary>
    /// Learn from the probabilities of people or labelling functions where rows have them, instead of the likeliest label alone.
    /// </summary>
    public bool SoftLabels { get; init; } = true;

    /// <summary>Of a classifier that was trained before: its labels in the order of its scores. Null before training.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Labels { get; init; }
}
