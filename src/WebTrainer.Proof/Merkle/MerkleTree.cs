using System.Numerics;

namespace WebTrainer.Proof.Merkle;

/// <summary>
/// A whole tree of RFC 6962 in memory (64 bytes a leaf), which proves of any of its sizes that a leaf is in it and that a later one only
/// adds to an earlier one. Proofs take O(log² n). Not safe for threads while leaves are added.
/// </summary>
public sealed class MerkleTree
{
    private readonly List<List<Digest>> _levels =
    [
        [],
    ]; // of each level the nodes over whole subtrees

    /// <summary>Leaves so far.</summary>
    public int Size => _levels[0].Count;

    /// <param name="leaf">By <see cref="MerkleHash.Leaf(ReadOnlySpan{byte})"/>.</param>
    public void Append(Digest leaf)
    {
        _levels[0].Add(leaf);
        for (var level = 0; _levels[level].Count % 2 == 0; level++)
        {
            if (level + 1 == _levels.Count)
            {
                _levels.Add([]);
            }

            _levels[level + 1].Add(MerkleHash.Node(_levels[level][^2], _levels[level][^1]));
        }
    }

    /// <param name="size">Leaves from the first on, 0 to <see cref="Size"/>.</param>
    /// <returns>The root when there were so many leaves.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There were never so many.</exception>
    public Digest RootAt(int size)
    {
        CheckSize(size);
        return size == 0 ? MerkleHash.OfNothing : Root(0, size);
    }

    /// <summary>Proves that a leaf is in the tree (RFC 6962, section 2.1.1); by <see cref="MerkleProof.Includes"/>.</summary>
    /// <param name="index">Of the leaf, from 0.</param>
    /// <param name="size">Of the tree whose root is known to the verifier.</param>
    /// <returns>Neighbours on the way from the leaf to the root.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf in a tree of this size.</exception>
    public IReadOnlyList<Digest> Inclusion(int index, int size)
    {
        CheckSize(size);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Digest>();
        for (var (start, count) = (0, size); count > 1; )
        {
            var left = Split(count);
            if (index < start + left)
            {
                path.Add(Root(start + left, count - left));
                count = left;
            }
            else
            {
                path.Add(Root(start, left));
                (start, count) = (start + left, count - left);
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>
    /// Proves that the tree of a later size begins with that of an earlier one (RFC 6962, section 2.1.2); by
    /// <see cref="MerkleProof.IsConsistent"/>.
    /// </summary>
    /// <param name="earlier">0 to <paramref name="later"/>.</param>
    /// <param name="later">At most <see cref="Size"/>.</param>
    /// <returns>Nodes by which both roots are reckoned; none where the earlier size is 0 or the later one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There were never so many leaves, or the sizes stand the wrong way round.</exception>
    public IReadOnlyList<Digest> Consistency(int earlier, int later)
    {
        CheckSize(later);
        ArgumentOutOfRangeException.ThrowIfNegative(earlier);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(earlier, later);
        var path = new List<Digest>();
        if (earlier == 0 || earlier == later)
        {
            return path;
        }

        var (start, count, whole) = (0, later, true); // whole: the earlier root itself is what the verifier has
        while (start + count != earlier)
        {
            var left = Split(count);
            if (earlier <= start + left)
            {
                path.Add(Root(start + left, count - left));
                count = left;
            }
            else
            {
                path.Add(Root(start, left));
                (start, count, whole) = (start + left, count - left, false);
            }
        }

        if (!whole)
        {
            path.Add(Root(start, count));
        }

        path.Reverse();
        return path;
    }

    // MTH of the leaves from start on; start is a multiple of the largest power of two that is not above count.
    private Digest Root(int start, int count)
    {
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((uint)count);
            return _levels[level][start >> level];
        }

        var left = Split(count);
        return MerkleHash.Node(Root(start, left), Root(start + left, count - left));
    }

    /// <returns>The largest power of two below the count.</returns>
    private static int Split(int count) => 1 << BitOperations.Log2((uint)(count - 1));

    private void CheckSize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
    }
}
