namespace WebTrainer.Proof.Merkle;

/// <summary>What a verifier does who has roots and proofs alone: the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2.</summary>
public static class MerkleProof
{
    /// <param name="leaf">Hash of the leaf.</param>
    /// <param name="index">Where it is said to stand, from 0.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="path">By <see cref="MerkleTree.Inclusion"/>.</param>
    /// <param name="root">Of the tree of this size.</param>
    /// <returns>Whether the leaf is there; false for a path that fits no such tree.</returns>
    public static bool Includes(Digest leaf, long index, long size, IReadOnlyList<Digest> path, Digest root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var neighbour in path)
        {
            if (last == 0)
            {
                return false;
            }

            if (IsRight(node) || node == last)
            {
                hash = MerkleHash.Node(neighbour, hash);
                (node, last) = UpToARight(node, last);
            }
            else
            {
                hash = MerkleHash.Node(hash, neighbour);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }

    /// <param name="earlier">Leaves of the earlier tree.</param>
    /// <param name="later">Leaves of the later one.</param>
    /// <param name="path">By <see cref="MerkleTree.Consistency"/>.</param>
    /// <param name="earlierRoot">Of the earlier tree.</param>
    /// <param name="laterRoot">Of the later one.</param>
    /// <returns>Whether the later tree begins with the earlier one; false for a path that fits no such trees.</returns>
    public static bool IsConsistent(long earlier, long later, IReadOnlyList<Digest> path, Digest earlierRoot, Digest laterRoot)
    {
        if (earlier < 0 || earlier > later)
        {
            return false;
        }

        if (earlier == 0)
        {
            return path.Count == 0 && earlierRoot == MerkleHash.OfNothing; // all trees begin with the empty one
        }

        if (earlier == later)
        {
            return path.Count == 0 && earlierRoot == laterRoot;
        }

        var isPower = (earlier & (earlier - 1)) == 0;
        if (path.Count == 0 && !isPower)
        {
            return false;
        }

        var (node, last) = (earlier - 1, later - 1);
        while (IsRight(node))
        {
            (node, last) = (node >> 1, last >> 1);
        }

        var first = isPower ? earlierRoot : path[0];
        var (old, now) = (first, first);
        foreach (var hash in path.Skip(isPower ? 0 : 1))
        {
            if (last == 0)
            {
                return false;
            }

            if (IsRight(node) || node == last)
            {
                (old, now) = (MerkleHash.Node(hash, old), MerkleHash.Node(hash, now));
                (node, last) = UpToARight(node, last);
            }
            else
            {
                now = MerkleHash.Node(now, hash);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && old == earlierRoot && now == laterRoot;
    }

    private static bool IsRight(long node) => (node & 1) == 1;

    // A last node without a neighbour stands for itself on the levels above, up to where it has one.
    private static (long Node, long Last) UpToARight(long node, long last)
    {
        while (!IsRight(node) && node != 0)
        {
            (node, last) = (node >> 1, last >> 1);
        }

        return (node, last);
    }
}
