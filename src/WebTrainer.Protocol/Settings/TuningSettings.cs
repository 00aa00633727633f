namespace WebTrainer.Protocol.Settings;

/// <summary>All that a person sets of a training, in one piece.</summary>
/// <param name="Objective">What the training makes smaller.</param>
/// <param name="Method">Which weights learn.</param>
/// <param name="Classifier">The head that an encoder gets; null where the base is a decoder.</param>
/// <param name="Training">How fast and how long.</param>
public sealed record TuningSettings(ObjectiveSpec Objective, MethodSpec Method, ClassifierSpec? Classifier, TrainingSettings Training)
{
    /// <summary>What it may tell of its rows; as it is by itself, whatever it does.</summary>
    public PrivacySpec Privacy { get; init; } = new();

    /// <summary>What each setting is where nobody has set it, for a decoder.</summary>
    public TuningSettings()
        : this(new(), new(), null, new()) { }

    /// <summary>What each setting is where nobody has set it, a classifier's too.</summary>
    public static TuningSettings Default { get; } = new() { Classifier = new() };

    /// <summary>An adapter learns beside a base that stays as it is; false where all weights learn, or a head alone.</summary>
    public bool UsesAdapter => Method.Method is not (TuningMethod.Full or TuningMethod.Head);
}
