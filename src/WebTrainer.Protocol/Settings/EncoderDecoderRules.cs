namespace WebTrainer.Protocol.Settings;

/// <summary>What can't be done with a model whose encoder reads the prompt and whose decoder writes the answer.</summary>
public static class EncoderDecoderRules
{
    /// <param name="settings">What a person has set.</param>
    /// <param name="type">The base's <c>model_type</c>; of others than encoder-decoders nothing is refused.</param>
    /// <returns>Why the settings don't go with the base, in a sentence; null where they do.</returns>
    public static string? WhyNot(TuningSettings settings, string type) =>
        !ModelTypes.IsEncoderDecoder(type) ? null
        : settings.Classifier is not null
            ? "An encoder-decoder answers in text and gets no classification head: leave the classifier's settings out, or choose an encoder as the base."
        : settings.Objective.Kind == ObjectiveKind.Preferences
            ? "Preference training is not for an encoder-decoder: let it learn from answers, or choose a decoder as the base."
        : settings.Objective.Kind == ObjectiveKind.Text
            ? "An encoder-decoder reads a prompt and writes an answer, and running text has neither: let it learn from answers, or choose a decoder as the base."
        : settings.Training.LearnedTurns == LearnedTurns.Template
            ? "An encoder-decoder writes one answer to what it reads, so that no marks of a chat template say what it learns: set the learned turns to the last answer or to all."
        : settings.Training.Packing
            ? "Packing puts several rows into one sequence, and an encoder-decoder reads each prompt by itself: turn it off."
        : settings.Training.EmbeddingNoise > 0 ? "Noise on embeddings (NEFTune) is for decoders: set it to 0 for an encoder-decoder."
        : null;
}
