using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Gets one model's answers to whatever is asked.</summary>
internal interface IModelRunner
{
    /// <summary>Why the model can't be asked this; null where it can.</summary>
    string? WhyNot(ModelRequest request) => null;

    /// <summary>It can tell how likely the right answer is.</summary>
    bool TellsLikelihood => true;

    /// <param name="requests">Each one that <see cref="WhyNot"/> has no objection to.</param>
    /// <param name="progress">Told the number of requests answered since the last call.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    /// <returns>Answers in the order of the requests.</returns>
    ModelResponse[] Run(IReadOnlyList<ModelRequest> requests, Action<int>? progress, CancellationToken cancellationToken);
}
