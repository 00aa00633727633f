using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Gets a model's answers to whatever is asked: from the journal where it was asked before, else in batches.</summary>
/// <param name="model">Answers what the journal doesn't know.</param>
/// <param name="encoder">Of the model; puts prompts into tokens.</param>
/// <param name="journal">Keeps answers; null where none are to be kept.</param>
internal sealed class RequestRunner(ILanguageModel model, ConversationEncoder encoder, AnswerJournal? journal) : IModelRunner
{
    private readonly PromptTokens _tokens = new(encoder);

    public string? WhyNot(ModelRequest request) =>
        request switch
        {
            SimilarityRequest => "A decoder makes no vectors of sentences; encoders are asked this.",
            WholeTextRequest when model.Config.IsEncoderDecoder =>
                "An encoder-decoder reads a prompt and writes an answer, so that there is no likelihood of a text by itself; decoders are asked this.",
            _ => null,
        };

    /// <param name="requests">The same one twice is answered once.</param>
    /// <param name="progress">Told the number of requests answered since the last call.</param>
    /// <param name="cancellationToken">Looked at between batches; what was answered stays in the journal.</param>
    /// <returns>Answers in the order of the requests.</returns>
    public ModelResponse[] Run(IReadOnlyList<ModelRequest> requests, Action<int>? progress, CancellationToken cancellationToken)
    {
        string[] keys = [.. requests.Select(AnswerJournal.KeyOf)];
        var answers = new Dictionary<string, ModelResponse>(StringComparer.Ordinal);
        var open = new Dictionary<string, ModelRequest>(StringComparer.Ordinal);
        for (var i = 0; i < keys.Length; i++)
        {
            if (journal?.Find(keys[i]) is { } known)
            {
                answers[keys[i]] = known;
            }
            else
            {
                open.TryAdd(keys[i], requests[i]);
            }
        }

        progress?.Invoke(requests.Count - open.Count);
        Take<ModelRequest>(request => request is ContinuationRequest or WholeTextRequest, new LikelihoodScorer(model, _tokens).Answer);
        Take<ChoiceRequest>(request => request is ChoiceRequest, new ChoiceMaker(model, encoder, _tokens).Answer);
        Take<TextRequest>(request => request is TextRequest, new TextWriter(model, encoder, _tokens).Answer);
        return [.. keys.Select(key => answers[key])];

        void Take<T>(
            Func<ModelRequest, bool> wanted,
            Func<IReadOnlyList<T>, CancellationToken, IEnumerable<IReadOnlyList<(int Request, ModelResponse Response)>>> answer
        )
            where T : ModelRequest
        {
            var asked = open.Where(entry => wanted(entry.Value)).ToList();
            foreach (var batch in answer([.. asked.Select(entry => (T)entry.Value)], cancellationToken))
            {
                List<(string Key, ModelResponse Response)> named = [.. batch.Select(entry => (asked[entry.Request].Key, entry.Response))];
                foreach (var (key, response) in named)
                {
                    answers[key] = response;
                }

                journal?.Add(named);
                progress?.Invoke(batch.Count);
            }
        }
    }
}
