namespace WebTrainer.Learning.Evaluation;

/// <summary>The label of highest likelihood behind one prompt.</summary>
/// <param name="Label">Its number.</param>
/// <param name="Probability">
/// <c>p(label) / Σ p(all labels)</c>, each with what ends an answer; at most a thousandth of itself too high. Null where it was not asked
/// for.
/// </param>
public sealed record LabelChoice(int Label, double? Probability);

/// <summary>The walk of one prompt down the trie: nodes by the likelihood of what is scored of them.</summary>
/// <param name="weigh">Goes on until the choice's probability is known too.</param>
internal sealed class LabelWalk(bool weigh)
{
    /// <summary>Likelihood that may be left unscored, as a share of that of the labels that were.</summary>
    private const double Slack = 0.001;

    private readonly PriorityQueue<(LabelTrie Node, double Score), double> _open = new();
    private readonly List<double> _whole = [];
    private int _label = -1;
    private double _best = double.NegativeInfinity;

    /// <summary>The likeliest whole label so far; it is the choice when <see cref="Take"/> takes nothing more.</summary>
    public LabelChoice Choice => new(_label, weigh ? 1 / _whole.Sum(score => Math.Exp(score - _best)) : null);

    /// <summary>Adds a node of which only the first token is scored; a label of a single token below its fork is thereby whole.</summary>
    public void Add(LabelTrie node, double score)
    {
        if (node.Label >= 0 && node.Tokens.Length == node.Depth + 1)
        {
            AddWhole(node, score);
        }
        else
        {
            _open.Enqueue((node, score), -score);
        }
    }

    public void AddWhole(LabelTrie node, double score)
    {
        _whole.Add(score);
        if (_label < 0 || score > _best)
        {
            (_label, _best) = (node.Label, score);
        }
    }

    /// <summary>
    /// The likeliest nodes that still need scoring; none when no other label can be likelier and, where asked, the choice's probability is
    /// known.
    /// </summary>
    public List<(LabelTrie Node, double Score)> Take(int count)
    {
        var taken = new List<(LabelTrie, double)>();
        var left = weigh ? _open.UnorderedItems.Sum(entry => Weight(entry.Element.Score)) : 0;
        var enough = Slack * _whole.Sum(Weight);
        while (taken.Count < count && _open.TryPeek(out var likeliest, out _) && (_label < 0 || likeliest.Score > _best || left > enough))
        {
            taken.Add(_open.Dequeue());
            left -= weigh ? Weight(likeliest.Score) : 0;
        }

        return taken;
    }

    /// <summary>Likelihood beside that of the best label; log-likelihoods of long labels are too low to be taken as they are.</summary>
    private double Weight(double score) => Math.Exp(score - _best);
}
