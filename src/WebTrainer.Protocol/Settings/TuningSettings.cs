namespace WebTrainer.Protocol.Settings;

/// <summary>All that a person sets of a training, in one piece.</summary>
/// <param name="Classifier">The head that an encoder gets; null where the base is a decoder.</param>
public sealed record TuningSettings(ObjectiveSpec Objective, MethodSpec Method, ClassifierSpec? Classifier, TrainingSettings Training)
{
    public TuningSettings()
        : this(new(), new(), null, new()) { }

    /// <summary>What each setting is where nobody has set it, a classifier's too.</summary>
    public static TuningSettings Default { get; } = new() { Classifier = new() };

    public bool UsesAdapter => Method.Method is not (TuningMethod.Full or TuningMethod.Head);
}
