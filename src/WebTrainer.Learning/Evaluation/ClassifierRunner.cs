using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Asks a classifier: which label, and how likely is this one. Everything else it can't answer, and says so.</summary>
internal sealed class ClassifierRunner(SequenceClassifier model, ClassifierSpec classifier, ClassifierEncoder encoder, int paddingId)
    : IModelRunner
{
    public bool TellsLikelihood => classifier.Kind == ClassificationKind.OneLabel;

    public string? WhyNot(ModelRequest request) =>
        request switch
        {
            ChoiceRequest choice when choice.Labels.All(encoder.Labels.Contains) && encoder.Labels.Count > 0 => null,
            TextRequest { Prompt.Messages: not null } => null,
            ContinuationRequest { Prompt.Messages: not null } continuation
                when continuation.Continuation.Length == 0 || encoder.Labels.Contains(continuation.Continuation.Trim()) => null,
            SimilarityRequest => null,
            _ => "A classifier chooses among the labels that it learned; it can't be asked for anything else.",
        };

    /// <exception cref="InvalidOperationException">A request that <see cref="WhyNot"/> refuses.</exception>
    public ModelResponse[] Run(IReadOnlyList<ModelRequest> requests, Action<int>? progress, CancellationToken cancellationToken)
    {
        if (requests.Count > 0 && requests.All(request => request is SimilarityRequest))
        {
            return Compare([.. requests.Cast<SimilarityRequest>()], progress, cancellationToken);
        }

        // Several requests may be of one text; it is scored once.
        string[] texts = [.. requests.Select(TextOf)];
        var distinct = texts.Distinct(StringComparer.Ordinal).ToList();
        List<TokenRow> rows = [.. distinct.Select((text, place) => encoder.Encode($"{place}", text))];
        var scored = ClassifierScores.Of(model, rows, paddingId, progress, cancellationToken);
        progress?.Invoke(requests.Count - distinct.Count);
        var scores = distinct.Zip(scored).ToDictionary(entry => entry.First, entry => entry.Second, StringComparer.Ordinal);
        return [.. requests.Zip(texts, (request, text) => Answer(request, scores[text]))];
    }

    /// <summary>By the vectors that the head begins from.</summary>
    private ModelResponse[] Compare(SimilarityRequest[] requests, Action<int>? progress, CancellationToken cancellationToken)
    {
        List<TokenRow> rows =
        [
            .. requests
                .SelectMany(request => (string[])[request.First, request.Second])
                .Select((text, place) => encoder.Encode($"{place}", text)),
        ];
        var vectors = ClassifierScores.VectorsOf(model, rows, paddingId, progress: null, cancellationToken);
        progress?.Invoke(requests.Length);
        return [.. requests.Select((_, i) => new ModelResponse("", 0, 0) { Similarity = Cosine(vectors[2 * i], vectors[(2 * i) + 1]) })];
    }

    private static double Cosine(float[] a, float[] b)
    {
        var (both, onlyA, onlyB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            (both, onlyA, onlyB) = (both + (a[i] * b[i]), onlyA + (a[i] * a[i]), onlyB + (b[i] * b[i]));
        }

        return onlyA == 0 || onlyB == 0 ? 0 : both / Math.Sqrt(onlyA * onlyB);
    }

    private string TextOf(ModelRequest request) =>
        request switch
        {
            ChoiceRequest choice => encoder.Input.TextOf(MessagesOf(choice.Prompt)),
            TextRequest text => encoder.Input.TextOf(MessagesOf(text.Prompt)),
            ContinuationRequest continuation => encoder.Input.TextOf(MessagesOf(continuation.Prompt)),
            _ => throw new InvalidOperationException(WhyNot(request)),
        };

    private static IReadOnlyList<ChatMessage> MessagesOf(Prompt prompt) => prompt.Messages ?? [new ChatMessage("user", prompt.Text!)];

    private ModelResponse Answer(ModelRequest request, float[] scores)
    {
        var answer = ClassifierAnswer.Of(classifier, encoder.Labels, scores);
        return request switch
        {
            ContinuationRequest continuation => new("", LogProbability(continuation.Continuation.Trim(), answer), Tokens: 1),
            ChoiceRequest { IsWeighed: true } => new(answer.Text, 0, Tokens: 1) { Confidence = answer.Confidence },
            _ => new(answer.Text, 0, Tokens: 1),
        };
    }

    private double LogProbability(string label, ClassifierAnswer answer)
    {
        var place = encoder.Labels.ToList().IndexOf(label);
        return place < 0 ? double.NegativeInfinity : Math.Log(Math.Max(answer.Probabilities[place], double.Epsilon));
    }
}
