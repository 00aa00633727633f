namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// The labels' token sequences as a prefix tree. A node's tokens run from its first token to the next fork or to the label's
/// end, so that a forward pass scores a whole stretch without choices.
/// </summary>
public sealed class LabelTrie
{
    private LabelTrie(int[] tokens, int depth, int label, IReadOnlyList<LabelTrie> children)
    {
        Tokens = tokens;
        Depth = depth;
        Label = label;
        Children = children;
    }

    /// <summary>Tokens from the root to this node's end.</summary>
    public int[] Tokens { get; }

    /// <summary>The tokens a model must read to score the node and what lies below; a label's last token is predicted only.</summary>
    public int[] Read => Label < 0 ? Tokens : Tokens[..^1];

    /// <summary>How many of <see cref="Tokens"/> belong to the nodes above.</summary>
    public int Depth { get; }

    /// <summary>Number of the label that ends here, or -1.</summary>
    public int Label { get; }

    /// <summary>What may follow this node's tokens, each beginning with another token; none where a label ends here.</summary>
    public IReadOnlyList<LabelTrie> Children { get; }

    /// <param name="labels">Tokens of each label with what ends an answer; none may be the beginning of another.</param>
    public static LabelTrie Build(IReadOnlyList<int[]> labels) => Build(labels, [.. Enumerable.Range(0, labels.Count)], depth: 0);

    private static LabelTrie Build(IReadOnlyList<int[]> labels, int[] members, int depth)
    {
        var first = labels[members[0]];
        var end = depth;
        while (end < first.Length && members.All(member => labels[member].Length > end && labels[member][end] == first[end]))
        {
            end++;
        }

        var ended = members.Where(member => labels[member].Length == end).ToArray();
        if (ended.Length == members.Length)
        {
            return new(first, depth, members[0], []); // labels that are written alike count as the first of them
        }

        return ended.Length > 0
            ? throw new ArgumentException("A label is the beginning of another; the answer's suffix must tell them apart.", nameof(labels))
            : new(
                first[..end],
                depth,
                -1,
                [.. members.GroupBy(member => labels[member][end]).Select(group => Build(labels, [.. group], end))]
            );
    }
}
