using WebTrainer.Pipeline.Cleaning.Finders;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Takes keys, tokens and passwords out of texts: a model repeats what it was shown.</summary>
public sealed record SecretsStep : CleanStep
{
    /// <summary>What is done about what is found; <see cref="MaskAction.Replace"/> is refused.</summary>
    public MaskAction Action { get; init; }

    /// <inheritdoc/>
    public override string? Fault() =>
        Action == MaskAction.Replace ? "A secret is masked, or its row set aside; it gets no name of its own." : null;

    internal override StepWork Begin(CleanContext context) => new Masking(SecretFinders.All, Action, key: "").Work();
}
