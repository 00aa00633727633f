using System.Diagnostics;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Judges models on the team's own test rows: their answers, the right answers' loss, and the loss on general text.</summary>
internal sealed class RowScorer(IReadOnlyList<DatasetRow> rows, OwnData data, Scorecard score)
{
    /// <summary>Characters of general text that are judged: about 50,000 tokens, enough for a mean loss to ±0.02 nats.</summary>
    private const int GeneralCharacters = 200_000;

    private readonly IReadOnlyList<ModelRequest> _answers =
    [
        .. rows.Select(row => data.AnswerTo([.. row.Messages.SkipLast(1)], isWeighed: true)),
    ];
    private readonly IReadOnlyList<ModelRequest> _losses =
    [
        .. rows.Select(row => new ContinuationRequest(new(null, [.. row.Messages.SkipLast(1)]), row.Messages[^1].Content, Ends: true)),
    ];
    private readonly IReadOnlyList<ModelRequest> _general = data.General is { Length: > 0 } text
        ? [new WholeTextRequest(text[..Math.Min(text.Length, GeneralCharacters)])]
        : [];

    /// <summary>Requests that <see cref="Run"/> makes.</summary>
    public int Requests => _answers.Count + _losses.Count + _general.Count;

    /// <param name="name">How the report calls the model.</param>
    /// <param name="kind">Base, tuned or simple; it decides what the report compares.</param>
    /// <param name="runner">Gives the answers, and likelihoods where it can tell them.</param>
    /// <param name="progress">Told of every answered request, and which model is asked.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    public ModelResult Run(
        string name,
        ModelKind kind,
        IModelRunner runner,
        EvaluationProgress progress,
        CancellationToken cancellationToken
    )
    {
        var watch = Stopwatch.StartNew();
        progress.Stage = $"{name}: test rows";
        var answers = runner.Run(_answers, progress.Add, cancellationToken);
        (double, int)[]? losses = runner.TellsLikelihood
            ? [.. runner.Run(_losses, progress.Add, cancellationToken).Select(response => (-response.LogProbability, response.Tokens))]
            : null;
        var general = runner.Run([.. _general.Where(request => runner.WhyNot(request) is null)], progress.Add, cancellationToken);
        double? generalLoss = general is [{ Tokens: > 0 } whole] ? -whole.LogProbability / whole.Tokens : null;
        return score.Measure(name, kind, answers, losses, generalLoss, watch.Elapsed);
    }
}
