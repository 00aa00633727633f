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
    None,

    /// <summary>rows / (labels · rows of the label): each label counts as much as another, however rare.</summary>
    Balanced,
}

/// <summary>A classification head on an encoder and how it learns; a run's base is an encoder where this is set.</summary>
public sealed record ClassifierSpec
{
    public ClassificationKind Kind { get; init; }
    public ClassifierHead Head { get; init; }

    /// <summary>What stands between the labels of a row where <see cref="Kind"/> is <see cref="ClassificationKind.SeveralLabels"/>.</summary>
    public string Separator { get; init; } = ";";

    /// <summary>Share of what the head begins from that is dropped while training, 0 to 1.</summary>
    public double Dropout { get; init; }

    /// <summary>The head learns this many times as fast as the layers: it begins from nothing.</summary>
    public double HeadRate { get; init; } = 10;

    /// <summary>The learning rate of a layer is that of the one above it times this (arXiv:1801.06146); 1 for the same everywhere.</summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Part of each target that is spread over all labels, 0 to 1 (arXiv:1512.00567).</summary>
    public double LabelSmoothing { get; init; }

    public ClassWeighting ClassWeights { get; init; }

    /// <summary>Learn from the probabilities of people or labelling functions where rows have them, instead of the likeliest label alone.</summary>
    public bool SoftLabels { get; init; } = true;

    /// <summary>Of a classifier that was trained before: its labels in the order of its scores. Null before training.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Labels { get; init; }
}

/// <summary>Which settings of a classifier go together; the form asks it as the worker does.</summary>
public static class ClassifierRules
{
    /// <returns>Why they don't, in a sentence; null where they do.</returns>
    public static string? WhyNot(ClassifierSpec classifier, ObjectiveSpec objective, MethodSpec method, TrainingSettings training) => classifier switch
    {
        _ when objective.Kind != ObjectiveKind.Answers => "An encoder learns labels: set “Learns from” to answers.",
        _ when training.Packing => "An encoder reads a text a sequence: turn packing off.",
        _ when method.Method == TuningMethod.Head && training.PromptDropout > 0 => "The head alone learns from vectors that are computed once: set the prompt dropout to 0.",
        { Dropout: not (>= 0 and < 1) } => "The head's dropout must lie between 0 and 1, 1 excluded.",
        { HeadRate: not (>= 0.01 and <= 1000) } => "The head's rate must lie between 0.01 and 1000 times the learning rate.",
        { LayerDecay: not (> 0 and <= 1) } => "The layers' decay must lie above 0 and at most at 1.",
        { LabelSmoothing: not (>= 0 and < 1) } => "Label smoothing must lie between 0 and 1, 1 excluded.",
        { LabelSmoothing: > 0, Kind: ClassificationKind.Number } => "Label smoothing is for labels, not for numbers: set it to 0.",
        { ClassWeights: not ClassWeighting.None, Kind: ClassificationKind.Number } => "Numbers have no classes to weigh: set the class weights to none.",
        { Kind: ClassificationKind.SeveralLabels, Separator.Length: not (>= 1 and <= 10) } => "Say in 1 to 10 characters what stands between the labels of a row.",
        _ => null,
    };
}
