namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Gives rows of one label another: two names of one class become one.</summary>
public sealed record RelabelStep : CleanStep
{
    /// <summary>The label that goes, to the letter.</summary>
    public string From { get; init; } = "";

    /// <summary>The label that comes instead; where the answer was the old label's text, it becomes the new one's.</summary>
    public string To { get; init; } = "";

    /// <inheritdoc/>
    public override string? Fault() => string.IsNullOrWhiteSpace(From) || string.IsNullOrWhiteSpace(To) ? "Write both labels." : null;

    internal override StepWork Begin(CleanContext context) => new RelabelWork(this);

    private sealed class RelabelWork(RelabelStep step) : StepWork
    {
        public override RowOutcome Apply(int index, CanonicalRow row) => new(row.Label == step.From ? RowTexts.Relabel(row, step.To) : row);
    }
}
