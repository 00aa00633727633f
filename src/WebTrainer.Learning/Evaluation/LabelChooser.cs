using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// Finds for each prompt the label of highest likelihood, exactly: <c>argmax Σ log p(token | prompt, tokens before)</c>. A
/// prefix's likelihood bounds those of all labels under it, so a best-first walk down the trie may stop at the first whole label
/// it takes up, and most labels are never scored. Where the choice's probability is asked for too, the walk goes on until what is
/// not yet scored can't change it by more than a thousandth.
/// </summary>
public sealed class LabelChooser(ILanguageModel model, IReadOnlyList<int[]> labels)
{
    private readonly LabelTrie _root = LabelTrie.Build(labels);

    /// <param name="prompts">Token ids; all are read together.</param>
    /// <param name="weigh">How probable the choice is among the labels is asked for too.</param>
    /// <param name="cancellationToken">Looked at before each round of the walk.</param>
    /// <returns>The chosen label of each prompt.</returns>
    public LabelChoice[] Choose(IReadOnlyList<IReadOnlyList<int>> prompts, bool weigh, CancellationToken cancellationToken)
    {
        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var (batch, logits) = DecodingBatch.Start(model, prompts);
        List<LabelWalk> walks = [.. prompts.Select(_ => new LabelWalk(weigh))];
        Begin(walks, logits);
        List<LabelWalk> open = [.. walks];
        for (var nodes = 1; ; nodes *= 2) // a sure model is done after a few nodes, an unsure one soon looks at all
        {
            cancellationToken.ThrowIfCancellationRequested();
            var taken = open.Select(walk => walk.Take(nodes)).ToList();
            List<int> left = [.. Enumerable.Range(0, open.Count).Where(row => taken[row].Count > 0)];
            if (left.Count < open.Count)
            {
                batch.Keep(left);
                (open, taken) = ([.. left.Select(row => open[row])], [.. left.Select(row => taken[row])]);
            }

            if (open.Count == 0)
            {
                batch.Dispose();
                return [.. walks.Select(walk => walk.Choice)];
            }

            Advance(batch, open, taken);
        }
    }

    /// <summary>Scores the first tokens below the root; where all labels begin alike, the root itself is a stretch to be scored.</summary>
    private void Begin(List<LabelWalk> walks, Tensor logits)
    {
        IReadOnlyList<LabelTrie> first = _root.Tokens.Length > 0 ? [_root] : _root.Children;
        var requests = new TokenScores();
        for (var row = 0; row < walks.Count; row++)
        {
            foreach (var node in first)
            {
                requests.Ask(row, node.Tokens[0]);
            }
        }

        var scores = requests.Answer(logits);
        var at = 0;
        foreach (var walk in walks)
        {
            foreach (var node in first)
            {
                walk.Add(node, scores[at++]);
            }
        }
    }

    /// <summary>Scores the rest of the taken nodes and the first tokens below them, all in one pass.</summary>
    private void Advance(DecodingBatch batch, List<LabelWalk> walks, List<List<(LabelTrie Node, double Score)>> taken)
    {
        using var scope = NewDisposeScope();
        var hidden = batch.Peek([.. taken.Select(nodes => nodes.Select(entry => entry.Node.Read).ToList())]); // [walks, tokens, hidden]
        var width = (int)hidden.shape[1];
        var requests = new TokenScores();
        for (var row = 0; row < taken.Count; row++)
        {
            var begin = row * width;
            foreach (var (node, _) in taken[row])
            {
                Ask(requests, node, begin);
                begin += node.Read.Length;
            }
        }

        var scores = new Queue<float>(requests.Answer(model, hidden.flatten(0, 1)));
        for (var row = 0; row < taken.Count; row++)
        {
            foreach (var (node, score) in taken[row])
            {
                Continue(walks[row], node, score, scores);
            }
        }
    }

    /// <param name="requests">Takes the questions.</param>
    /// <param name="node">Its own tokens are asked about, then the first of each child.</param>
    /// <param name="begin">Place of the node's first read token among the hidden states.</param>
    private static void Ask(TokenScores requests, LabelTrie node, int begin)
    {
        for (var t = node.Depth + 1; t < node.Tokens.Length; t++)
        {
            requests.Ask(begin + t - 1, node.Tokens[t]);
        }

        foreach (var child in node.Children)
        {
            requests.Ask(begin + node.Tokens.Length - 1, child.Tokens[node.Tokens.Length]);
        }
    }

    /// <param name="walk">Of the prompt; takes the node's labels and children.</param>
    /// <param name="node">What was looked at.</param>
    /// <param name="score">Log-probability up to the node's first token.</param>
    /// <param name="scores">Answers in the order of <see cref="Ask"/>.</param>
    private static void Continue(LabelWalk walk, LabelTrie node, double score, Queue<float> scores)
    {
        for (var t = node.Depth + 1; t < node.Tokens.Length; t++)
        {
            score += scores.Dequeue();
        }

        if (node.Label >= 0)
        {
            walk.AddWhole(node, score);
        }

        foreach (var child in node.Children)
        {
            walk.Add(child, score + scores.Dequeue());
        }
    }
}
