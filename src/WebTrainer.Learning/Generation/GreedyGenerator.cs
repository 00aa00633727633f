using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Generation;

/// <summary>Continues many prompts at once, always with the likeliest token.</summary>
public static class GreedyGenerator
{
    /// <param name="model">Run without gradients; dropout is as it was set.</param>
    /// <param name="prompts">Token ids, each at least one.</param>
    /// <param name="maxNewTokens">Of each answer; the model's context ends one earlier.</param>
    /// <param name="endIds">An answer is over at any of these.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>New tokens of each prompt, without the one that ended it.</returns>
    public static IReadOnlyList<List<int>> Generate(
        ILanguageModel model,
        IReadOnlyList<IReadOnlyList<int>> prompts,
        int maxNewTokens,
        IReadOnlySet<int> endIds,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var answers = prompts.Select(_ => new List<int>()).ToList();
        var active = Enumerable.Range(0, prompts.Count).ToList();
        var (batch, logits) = DecodingBatch.Start(model, prompts);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chosen = logits.argmax(-1).cpu().data<long>().ToArray().Select(id => (int)id).ToList();
            logits.Dispose();
            List<int> going =
            [
                .. Enumerable
                    .Range(0, active.Count)
                    .Where(row =>
                        !endIds.Contains(chosen[row])
                        && answers[active[row]].Count < maxNewTokens
                        && batch.LengthOf(row) < model.Config.ContextTokens
                    ),
            ];
            foreach (var row in going)
            {
                answers[active[row]].Add(chosen[row]);
            }

            if (going.Count == 0)
            {
                batch.Dispose();
                return answers;
            }

            if (going.Count < active.Count)
            {
                batch.Keep(going);
                active = [.. going.Select(row => active[row])];
            }

            logits = batch.Step([.. going.Select(row => chosen[row])]);
        }
    }
}
