namespace WebTrainer.Protocol;

/// <summary>Which of a conversation's answers a training learns.</summary>
public enum LearnedTurns
{
    /// <summary>The last.</summary>
    Last,

    /// <summary>All but those of weight 0.</summary>
    All,

    /// <summary>What the model's chat template puts between <c>{% generation %}</c> and <c>{% endgeneration %}</c>.</summary>
    Template,
}

/// <summary>How the learning rate falls after the warmup: towards 0 at the end of the run, or not at all.</summary>
public enum LearningRateSchedule
{
    /// <summary>Half a cosine (arXiv:1608.03983).</summary>
    Cosine,

    /// <summary>In a straight line.</summary>
    Linear,

    /// <summary>It stays where the warmup brought it.</summary>
    Constant,
}

/// <summary>How fast and how long a model learns, in what batches, and when it is looked at and saved.</summary>
public sealed record TrainingSettings
{
    /// <summary>The highest, which it has at the end of the warmup; above 0.</summary>
    public double LearningRate { get; init; } = 1.5e-3;

    /// <summary>How it falls from there.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Share of all steps over which the learning rate rises from 0.</summary>
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>λ of AdamW (arXiv:1711.05101): at each update a matrix loses this share of itself times the learning rate.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>L2 norm of all gradients together, to which a larger one is shortened.</summary>
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>Passes over all rows; parts of a pass count too.</summary>
    public double Epochs { get; init; } = 6;

    /// <summary>Stops after this many optimiser steps, whatever the epochs; null for no such limit.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Examples of one forward pass.</summary>
    public int MicroBatch { get; init; } = 32;

    /// <summary>Forward passes whose gradients are summed before one optimiser step.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Longest sequence in tokens; longer rows are cut from the left of the prompt, never from the answer.</summary>
    public int ContextTokens { get; init; } = 256;

    /// <summary>Which answers of a conversation are learned; what stands between them is read.</summary>
    public LearnedTurns LearnedTurns { get; init; }

    /// <summary>
    /// Share of the prompts' words (tokens, where they hold whole letters) left out at random, others in each pass; against learning rows
    /// by heart.
    /// </summary>
    public double PromptDropout { get; init; }

    /// <summary>
    /// Part of each learned token's target that is spread over the whole vocabulary, 0 to 1 (arXiv:1512.00567); validation doesn't smooth.
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// NEFTune (arXiv:2310.05914): while training, each number of an embedded text of L tokens and width d gets uniform noise of at most
    /// this / √(L·d); 0 for none.
    /// </summary>
    public double EmbeddingNoise { get; init; }

    /// <summary>Put several short rows into one sequence; none sees another, so that nothing changes but the speed.</summary>
    public bool Packing { get; init; }

    /// <summary>
    /// Compute each layer twice instead of keeping what is inside it: about a third less memory, a fifth more time (arXiv:1604.06174).
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Ends after this many validations without a lower loss, and keeps the best; 0 means never.</summary>
    public int Patience { get; init; }

    /// <summary>Steps between two validations; 0 means once an epoch.</summary>
    public int ValidateEverySteps { get; init; }

    /// <summary>Steps between two checkpoints; 0 means at every validation.</summary>
    public int CheckpointEverySteps { get; init; } = 100;

    /// <summary>Rows of the validation split whose answers are written out at each validation, to be read by a person.</summary>
    public int Samples { get; init; } = 3;
}
