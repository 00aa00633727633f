namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Sets aside rows that are too short to say anything or too long to learn from.</summary>
public sealed record LengthStep : CleanStep
{
    /// <summary>The part of a row that is measured; a row without it stays.</summary>
    public RowField Field { get; init; } = RowField.Prompt;

    /// <summary>UTF-16 units at least.</summary>
    public int Min { get; init; } = 1;

    /// <summary>UTF-16 units at most.</summary>
    public int Max { get; init; } = 10_000;

    /// <inheritdoc/>
    public override string? Fault() => Min < 0 || Max < Min ? "The shortest length is 0 or more, and not above the longest." : null;

    internal override StepWork Begin(CleanContext context) =>
        new SieveWork(row =>
        {
            // A row without this field, as one that nobody has answered yet, has nothing that could be too short.
            if (RowTexts.Of(row, Field) is not { } text)
            {
                return null;
            }

            if (text.Length < Min)
            {
                return $"Shorter than {Min:N0} characters.";
            }

            return text.Length > Max ? $"Longer than {Max:N0} characters." : null;
        });
}
