using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Chooses among labels, prompts of like length together.</summary>
internal sealed class ChoiceMaker(ILanguageModel model, ConversationEncoder encoder, PromptTokens tokens)
{
    private const int BatchTokens = 4096,
        MaximumRows = 128;

    /// <summary>Tokens kept free for a label.</summary>
    private const int LabelTokens = 64;

    /// <returns>Answers as their batches are done.</returns>
    public IEnumerable<IReadOnlyList<(int Request, ModelResponse Response)>> Answer(
        IReadOnlyList<ChoiceRequest> requests,
        CancellationToken cancellationToken
    )
    {
        model.Training = false;
        foreach (
            var group in Enumerable
                .Range(0, requests.Count)
                .GroupBy(i => $"{requests[i].IsWeighed}\n{string.Join('\n', requests[i].Labels)}", StringComparer.Ordinal)
        )
        {
            var (labels, weighed) = (requests[group.First()].Labels, requests[group.First()].IsWeighed);
            var chooser = new LabelChooser(model, LabelEncoding.Of(encoder, labels));
            var prompts = group
                .Select(i => (Request: i, Tokens: Fit(tokens.Of(requests[i].Prompt))))
                .OrderBy(prompt => prompt.Tokens.Count)
                .ToList();
            foreach (var batch in Batches(prompts))
            {
                var chosen = chooser.Choose([.. batch.Select(prompt => prompt.Tokens)], weighed, cancellationToken);
                yield return
                [
                    .. batch.Zip(
                        chosen,
                        (prompt, choice) =>
                            (prompt.Request, new ModelResponse(labels[choice.Label], 0, 0) { Confidence = choice.Probability })
                    ),
                ];
            }
        }
    }

    private List<int> Fit(List<int> prompt)
    {
        var context = model.Config.ContextTokens;
        return [.. prompt.TakeLast(Math.Max(1, model.Config.PromptRoom(Math.Min(LabelTokens, context / 2))))];
    }

    private static IEnumerable<List<(int Request, List<int> Tokens)>> Batches(List<(int Request, List<int> Tokens)> prompts)
    {
        var batch = new List<(int, List<int>)>();
        foreach (var prompt in prompts)
        {
            if (batch.Count > 0 && (batch.Count == MaximumRows || (batch.Count + 1) * prompt.Tokens.Count > BatchTokens))
            {
                yield return batch;
                batch = [];
            }

            batch.Add(prompt);
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
