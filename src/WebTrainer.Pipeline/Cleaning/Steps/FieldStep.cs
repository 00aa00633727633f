using WebTrainer.Pipeline.Rows;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Which rows a <see cref="FieldStep"/> sets aside.</summary>
public enum FieldTest
{
    /// <summary>Missing, or nothing but white space.</summary>
    IsEmpty,

    /// <summary>Anything but white space.</summary>
    IsNotEmpty,

    /// <summary>Equals the value, whatever its case.</summary>
    Is,

    /// <summary>Differs from the value in more than case; so does a field that is missing.</summary>
    IsNot,

    /// <summary>Holds the value, however it is written (<see cref="SearchText"/>).</summary>
    Contains,
}

/// <summary>Sets aside rows by what stands in a field.</summary>
public sealed record FieldStep : CleanStep
{
    /// <summary>The part of a row that is looked at.</summary>
    public RowField Field { get; init; } = RowField.Label;

    /// <summary>What must be so of it for the row to be set aside.</summary>
    public FieldTest Test { get; init; } = FieldTest.IsEmpty;

    /// <summary>What it is compared with; unused where the test is whether it is empty.</summary>
    public string Value { get; init; } = "";

    /// <inheritdoc/>
    public override string? Fault() =>
        Test is FieldTest.Is or FieldTest.IsNot or FieldTest.Contains && string.IsNullOrEmpty(Value)
            ? "Write the value to compare with."
            : null;

    internal override StepWork Begin(CleanContext context) => new SieveWork(row => Holds(RowTexts.Of(row, Field)) ? Reason : null);

    private string Reason =>
        Test switch
        {
            FieldTest.IsEmpty => "The field is empty.",
            FieldTest.IsNotEmpty => "The field is not empty.",
            FieldTest.Is => "The field has the value.",
            FieldTest.IsNot => "The field has another value.",
            _ => "The field holds the text.",
        };

    private bool Holds(string? text) =>
        Test switch
        {
            FieldTest.IsEmpty => string.IsNullOrWhiteSpace(text),
            FieldTest.IsNotEmpty => !string.IsNullOrWhiteSpace(text),
            FieldTest.Is => string.Equals(text, Value, StringComparison.OrdinalIgnoreCase),
            FieldTest.IsNot => !string.Equals(text, Value, StringComparison.OrdinalIgnoreCase),
            _ => new SearchPhrase(Value).IsIn(text),
        };
}
