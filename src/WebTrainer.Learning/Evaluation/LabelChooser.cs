using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// Finds for each prompt the label of highest likelihood, exactly: <c>argmax Σ log p(token | prompt, tokens before)</c>. A
/// prefix's likelihood bounds those of all labels under it, so a best-first walk down the trie may stop at the first whole label
/// it takes up, and most labels are never scored.
/// </summary>
public sealed class LabelChooser(CausalLM model, IReadOnlyList<int[]> labels)
{
    private readonly LabelTrie _root = LabelTrie.Build(labels);

    /// <returns>Number of the chosen label of each prompt.</returns>
    public int[] Choose(IReadOnlyList<IReadOnlyList<int>> prompts, CancellationToken cancellation)
    {
        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var (batch, logits) = DecodingBatch.Start(model, prompts);
        List<LabelWalk> walks = [.. prompts.Select(_ => new LabelWalk())];
        Begin(walks, logits);
        List<LabelWalk> open = [.. walks];
        for (var nodes = 1; ; nodes *= 2) // a sure model is done after a few nodes, an unsure one soon looks at all
        {
            cancellation.ThrowIfCancellationRequested();
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

/// <summary>The walk of one prompt down the trie: nodes by the likelihood of what is scored of them.</summary>
internal sealed class LabelWalk
{
    private readonly PriorityQueue<(LabelTrie Node, double Score, bool Whole), double> _frontier = new();

    public int Choice { get; private set; } = -1;

    /// <summary>Adds a node of which only the first token is scored; a label of a single token below its fork is thereby whole.</summary>
    public void Add(LabelTrie node, double score) => Push(node, score, whole: node.Label >= 0 && node.Tokens.Length == node.Depth + 1);

    public void AddWhole(LabelTrie node, double score) => Push(node, score, whole: true);

    /// <summary>The likeliest nodes that still need scoring; none, and a <see cref="Choice"/>, when a whole label is the likeliest of all.</summary>
    public List<(LabelTrie Node, double Score)> Take(int count)
    {
        var taken = new List<(LabelTrie, double)>();
        while (Choice < 0 && taken.Count < count && _frontier.TryPeek(out var best, out _) && !best.Whole)
        {
            _frontier.Dequeue();
            taken.Add((best.Node, best.Score));
        }

        if (taken.Count == 0 && Choice < 0)
        {
            Choice = _frontier.Dequeue().Node.Label;
        }

        return taken;
    }

    private void Push(LabelTrie node, double score, bool whole) => _frontier.Enqueue((node, score, whole), -score);
}
