using System.Diagnostics;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>What one rendering may take: a template comes from others, and may be meant to do harm.</summary>
internal sealed class Budget
{
    private const int MaximumSteps = 5_000_000,
        StepsBetweenLooks = 4096;
    private const long MaximumCharacters = 64L << 20;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _steps;
    private long _characters;

    /// <summary>Nothing that is made in one go is longer.</summary>
    public const long MaximumLength = 16L << 20;

    public void Step()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_steps > MaximumSteps || (_steps % StepsBetweenLooks == 0 && _watch.Elapsed > s_time))
        {
            throw new TemplateException("The chat template takes too long.");
        }
    }

    /// <summary>Counts what a value holds.</summary>
    public object? Made(object? value)
    {
        _characters += value switch
        {
            string text => text.Length,
            PythonList list => list.Items.Count,
            _ => 0,
        };
        return _characters <= MaximumCharacters ? value : throw TooMuch();
    }

    /// <exception cref="TemplateException">So much may not be made.</exception>
    public static void Check(double length)
    {
        if (length > MaximumLength)
        {
            throw TooMuch();
        }
    }

    private static TemplateException TooMuch() => new("The chat template writes too much.");
}
