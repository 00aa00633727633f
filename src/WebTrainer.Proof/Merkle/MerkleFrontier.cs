namespace WebTrainer.Proof.Merkle;

/// <summary>
/// What is needed of a tree to append to it and to know its root: the roots of its whole subtrees, one a set bit of its size (RFC 6962,
/// section 2.1). At most 63 hashes; appending takes O(log n) hashes, two on average.
/// </summary>
public sealed class MerkleFrontier
{
    private readonly List<Digest> _peaks = []; // the largest first, as the bits of the size are from the highest

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Root over all leaves so far, O(log n).</summary>
    public Digest Root
    {
        get
        {
            if (_peaks.Count == 0)
            {
                return MerkleHash.OfNothing;
            }

            var root = _peaks[^1];
            for (var i = _peaks.Count - 2; i >= 0; i--)
            {
                root = MerkleHash.Node(_peaks[i], root);
            }

            return root;
        }
    }

    /// <param name="leaf">By <see cref="MerkleHash.Leaf(ReadOnlySpan{byte})"/>.</param>
    public void Append(Digest leaf)
    {
        for (var bits = Size; (bits & 1) == 1; bits >>= 1)
        {
            leaf = MerkleHash.Node(_peaks[^1], leaf);
            _peaks.RemoveAt(_peaks.Count - 1);
        }

        _peaks.Add(leaf);
        Size++;
    }
}
