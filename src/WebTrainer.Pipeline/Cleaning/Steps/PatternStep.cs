using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>What is done about rows by a pattern.</summary>
public enum PatternAction
{
    /// <summary>Writes <see cref="PatternStep.Replacement"/> for each place that matches.</summary>
    Replace,

    /// <summary>Sets rows aside that hold the pattern.</summary>
    SetAsideMatching,

    /// <summary>Sets rows aside that don't hold it.</summary>
    SetAsideOthers,
}

/// <summary>A regular expression, to replace by or to choose rows by.</summary>
public sealed record PatternStep : CleanStep
{
    /// <summary>UTF-16 units of a pattern.</summary>
    public const int MaxPatternLength = 1_000;

    /// <summary>
    /// A regular expression of .NET that needs no backtracking: look-arounds, back references and atomic groups are refused.
    /// </summary>
    public string Pattern { get; init; } = "";

    /// <summary>Whether case of letters counts for nothing, by rules that no culture changes.</summary>
    public bool IgnoreCase { get; init; } = true;

    /// <summary>The part of a row that is searched and changed; a row without it counts as one that doesn't match.</summary>
    public RowField Field { get; init; } = RowField.AllText;

    /// <summary>What is done about rows that match, or don't.</summary>
    public PatternAction Action { get; init; }

    /// <summary>What stands instead; <c>$1</c> is the first group.</summary>
    public string Replacement { get; init; } = "";

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (string.IsNullOrEmpty(Pattern))
        {
            return "Write a pattern.";
        }

        if (Pattern.Length > MaxPatternLength)
        {
            return $"A pattern has at most {MaxPatternLength} characters.";
        }

        try
        {
            _ = Compile();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"The pattern can't be read: {e.Message}";
        }
    }

    internal override StepWork Begin(CleanContext context)
    {
        var regex = Compile();
        return Action switch
        {
            PatternAction.Replace => new ReplaceWork(this, regex),
            PatternAction.SetAsideMatching => new SieveWork(r => Matches(regex, r) ? "It holds the pattern." : null),
            _ => new SieveWork(r => Matches(regex, r) ? null : "It does not hold the pattern."),
        };
    }

    private bool Matches(Regex regex, CanonicalRow row) => RowTexts.Of(row, Field) is { } text && regex.IsMatch(text);

    // Without backtracking a pattern takes time in proportion to the text, whoever wrote it.
    private Regex Compile() =>
        new(
            Pattern,
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None),
            TimeSpan.FromMilliseconds(Finders.PatternFinder.TimeoutMilliseconds)
        );

    private sealed class ReplaceWork(PatternStep step, Regex regex) : StepWork
    {
        public override RowOutcome Apply(int index, CanonicalRow row) =>
            new(RowTexts.Map(row, step.Field, text => regex.Replace(text, step.Replacement)));
    }
}
