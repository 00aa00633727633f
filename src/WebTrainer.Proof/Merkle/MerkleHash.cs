namespace WebTrainer.Proof.Merkle;

/// <summary>
/// Hashes of a Merkle tree as RFC 6962, section 2.1, has them: leaf <c>SHA-256(00 ‖ data)</c>, node <c>SHA-256(01 ‖ left ‖ right)</c>. The
/// first byte keeps a node from passing for a leaf.
/// </summary>
public static class MerkleHash
{
    private const byte LeafMark = 0,
        NodeMark = 1;
    private const int StackBytes = 512;

    /// <summary>Root of a tree without leaves: SHA-256 of nothing.</summary>
    public static Digest OfNothing { get; } = Digest.Of([]);

    /// <param name="data">What the leaf stands for, of any length.</param>
    public static Digest Leaf(ReadOnlySpan<byte> data)
    {
        var bytes = data.Length < StackBytes ? stackalloc byte[1 + data.Length] : new byte[1 + data.Length];
        bytes[0] = LeafMark;
        data.CopyTo(bytes[1..]);
        return Digest.Of(bytes);
    }

    /// <summary>A leaf that stands for a hash.</summary>
    public static Digest Leaf(Digest data)
    {
        Span<byte> bytes = stackalloc byte[Digest.Bytes];
        data.CopyTo(bytes);
        return Leaf(bytes);
    }

    /// <summary>The node above two others.</summary>
    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + 2 * Digest.Bytes];
        bytes[0] = NodeMark;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Digest.Bytes)..]);
        return Digest.Of(bytes);
    }
}
