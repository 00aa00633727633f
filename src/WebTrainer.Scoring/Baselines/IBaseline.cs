namespace WebTrainer.Scoring.Baselines;

/// <summary>A row as a simple method sees it.</summary>
/// <param name="Prompt">All text before the answer.</param>
/// <param name="Answer">The right one.</param>
public sealed record BaselineRow(string Prompt, string Answer);

/// <summary>A simple method that learns from the same rows in seconds. A tuned model that doesn't beat it isn't worth its cost.</summary>
public interface IBaseline
{
    /// <summary>How reports call it.</summary>
    string Name { get; }

    /// <summary>Learns from rows, then answers prompts.</summary>
    /// <returns>An answer for each prompt, in their order.</returns>
    IReadOnlyList<string> Answer(IReadOnlyList<BaselineRow> train, IReadOnlyList<string> prompts, CancellationToken cancellationToken);
}

/// <summary>The simple methods that fit a task.</summary>
public static class SimpleMethods
{
    /// <param name="closedSet">Answers come from a closed set of labels.</param>
    public static IReadOnlyList<IBaseline> For(bool closedSet) =>
        closedSet ? [new MajorityBaseline(), new LinearBaseline()] : [new NearestAnswerBaseline()];
}
