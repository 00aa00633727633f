namespace WebTrainer.Protocol.Settings;

/// <summary>What a training with a privacy budget can't do: where the gradient of a single row is not defined, or not known.</summary>
public static class PrivacyRules
{
    /// <returns>Why the settings don't go with a budget, in a sentence; null where they do.</returns>
    public static string? WhyNot(TuningSettings settings) => settings.Privacy.IsOn ? WhyNotPrivate(settings) : null;

    /// <param name="settings">What a person has set.</param>
    /// <param name="type">The base's <c>model_type</c>.</param>
    /// <returns>Why no budget can be kept on such a base, in a sentence; null where one can, or none is set.</returns>
    public static string? WhyNot(TuningSettings settings, string type) =>
        !settings.Privacy.IsOn ? null
        : ModelTypes.IsEncoderDecoder(type)
            ? "An encoder-decoder is not trained privately here: choose a decoder or an encoder as the base, or set the privacy budget to 0."
        : ModelTypes.HasExperts(type)
            ? "A model of experts is not trained privately here, since its router takes the tokens of several rows together: choose another base, or set the privacy budget to 0."
        : null;

    private static string? WhyNotPrivate(TuningSettings settings) =>
        settings switch
        {
            { Method.Method: TuningMethod.Full } =>
                "Full fine-tuning is not done privately here: the gradients of single rows are known of low-rank changes alone. Choose LoRA, or set the privacy budget to 0.",
            { Method.Method: TuningMethod.AdaLoRA } =>
                "AdaLoRA gives ranks to maps by the gradients of all rows together, which no budget covers: choose LoRA, QLoRA or DoRA, or set the privacy budget to 0.",
            { Method.Start: AdapterStart.Pissa } =>
                "The start at the principal part (PiSSA) is not done privately here: choose the usual start, or set the privacy budget to 0.",
            { Objective.Kind: ObjectiveKind.Preferences } =>
                "Preference losses are not done privately here: a row's part in them is not clipped by itself. Let it learn from answers, or set the privacy budget to 0.",
            { Objective.Kind: ObjectiveKind.Distillation } =>
                "Distillation is not done privately here: nobody knows what the teacher has seen. Let it learn from answers, or set the privacy budget to 0.",
            { Training.Packing: true } => "Packed rows share a sequence, and a private training clips each by itself: turn packing off.",
            { Training.EmbeddingNoise: > 0 } =>
                "Noise on embeddings (NEFTune) depends on the longest row of a batch, so that one row changes the others' gradients: set it to 0, or set the privacy budget to 0.",
            { Classifier.ClassWeights: not ClassWeighting.None } =>
                "Weights of labels are counted in the rows, which no budget covers: set them to none, or set the privacy budget to 0.",
            _ => null,
        };
}
