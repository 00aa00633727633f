using System.Diagnostics;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Baselines;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Lets a simple method learn from the training rows and answer the test rows.</summary>
internal static class BaselineScorer
{
    /// <summary>All that stands before the answer.</summary>
    public static string PromptOf(DatasetRow row) => string.Join('\n', row.Messages.SkipLast(1).Select(message => message.Content));

    public static ModelResult Run(
        IBaseline method,
        IReadOnlyList<BaselineRow> train,
        IReadOnlyList<DatasetRow> rows,
        Scorecard score,
        CancellationToken cancellationToken
    )
    {
        var watch = Stopwatch.StartNew();
        var answers = method.Answer(train, [.. rows.Select(PromptOf)], cancellationToken).Select(text => new ModelResponse(text, 0, 0));
        return score.Measure(method.Name, ModelKind.Baseline, [.. answers], losses: null, generalLoss: null, watch.Elapsed);
    }
}
