namespace WebTrainer.Drift;

/// <summary>A text of the reference or of a window.</summary>
/// <param name="Id">By which it is named among the examples.</param>
/// <param name="Text">What somebody wrote.</param>
public sealed record DriftRow(string Id, string Text)
{
    /// <summary>The label that people or the model gave; null where there is none. The model's, on rows of the reference that it learned
    /// from, is better than on new ones, and so raises alarms that mean nothing: leave it out there.</summary>
    public string? Label { get; init; }

    /// <summary>The model's probability of its label, 0 to 1; null where there is none, or where the model has learned from the
    /// row.</summary>
    public double? Confidence { get; init; }

    /// <summary>Its language, as any code; null where nobody told.</summary>
    public string? Language { get; init; }
}
