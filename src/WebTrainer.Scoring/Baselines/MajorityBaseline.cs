namespace WebTrainer.Scoring.Baselines;

/// <summary>Answers every prompt with the training rows' most frequent answer.</summary>
public sealed class MajorityBaseline : IBaseline
{
    public string Name => "most frequent label";

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
