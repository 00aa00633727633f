namespace WebTrainer.Scoring.Baselines;

/// <summary>Answers every prompt with the training rows' most frequent answer.</summary>
public sealed class MajorityBaseline : IBaseline
{
    /// <inheritdoc/>
    public string Name => "most frequent label";

    /// <summary>The same for every prompt; of labels equally frequent the first by code points.</summary>
    /// <exception cref="InvalidOperationException">There are no training rows.</exception>
    public IReadOnlyList<string> Answer(
        IReadOnlyList<BaselineRow> train,
        IReadOnlyList<string> prompts,
        CancellationToken cancellationToken
    )
    {
        var answer = train
            .CountBy(row => row.Answer)
            .OrderByDescending(label => label.Value)
            .ThenBy(label => label.Key, StringComparer.Ordinal)
            .First()
            .Key;
        return [.. prompts.Select(_ => answer)];
    }
}
