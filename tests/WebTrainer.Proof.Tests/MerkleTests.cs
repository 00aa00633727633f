using System.Security.Cryptography;
using CsCheck;
using WebTrainer.Proof.Merkle;

namespace WebTrainer.Proof.Tests;

/// <summary>Against the definitions of RFC 6962, section 2.1, written down as they stand there.</summary>
public sealed class MerkleTests
{
    private const int Most = 70;

    private static readonly Gen<Digest> s_digest = Gen.Byte.Array[Digest.Bytes].Select(bytes => new Digest(bytes));

    [Fact]
    public void Root_OfNothing_IsTheHashOfNothing()
    {
        Assert.Equal(new Digest(SHA256.HashData([])), new MerkleFrontier().Root);
        Assert.Equal(new Digest(SHA256.HashData([])), new MerkleTree().RootAt(0));
    }

    [Fact]
    public void Roots_OfAllSizes_AreThoseOfTheDefinition()
    {
        var leaves = Leaves(Most);
        var (tree, frontier) = (Tree(leaves), new MerkleFrontier());
        for (var size = 0; size <= Most; size++)
        {
            var root = Definition(leaves[..size]);
            Assert.Equal(root, tree.RootAt(size));
            Assert.Equal(root, frontier.Root);
            Assert.Equal(size, frontier.Size);
            if (size < Most)
            {
                frontier.Append(MerkleHash.Leaf(leaves[size]));
            }
        }
    }

    [Fact]
    public void Inclusion_OfEachLeafInEachSize_IsProvedAtItsPlaceAlone()
    {
        var leaves = Leaves(Most);
        var tree = Tree(leaves);
        for (var size = 1; size <= Most; size++)
        {
            for (var index = 0; index < size; index++)
            {
                var (leaf, path, root) = (MerkleHash.Leaf(leaves[index]), tree.Inclusion(index, size), tree.RootAt(size));
                Assert.True(MerkleProof.Includes(leaf, index, size, path, root));
                Assert.False(MerkleProof.Includes(leaf, (index + 1) % size, size, path, root) && size > 1);
                Assert.False(MerkleProof.Includes(leaf, index, size, [.. path, root], root));
                Assert.False(MerkleProof.Includes(MerkleHash.Leaf(root), index, size, path, root));
            }
        }
    }

    [Fact]
    public void Consistency_OfEachPairOfSizes_IsProvedForTheirRootsAlone()
    {
        var tree = Tree(Leaves(Most));
        for (var later = 0; later <= Most; later++)
        {
            for (var earlier = 0; earlier <= later; earlier++)
            {
                var (path, old, now) = (tree.Consistency(earlier, later), tree.RootAt(earlier), tree.RootAt(later));
                Assert.True(MerkleProof.IsConsistent(earlier, later, path, old, now), $"{earlier} of {later}");
                var other = MerkleHash.Leaf("other"u8);
                Assert.False(MerkleProof.IsConsistent(earlier, later, path, other, now));
                Assert.False(MerkleProof.IsConsistent(earlier, later, [.. path, other], old, now));
                Assert.False(earlier > 0 && MerkleProof.IsConsistent(earlier, later, path, old, other));
            }
        }
    }

    [Fact]
    public void Proofs_WithAnyChange_AreRefused() =>
        Gen.Select(Gen.Int[2, 300], Gen.Int[0, 1000], Gen.Int[0, 1000], s_digest)
            .Sample(
                (size, where, which, other) =>
                {
                    var tree = Tree(Leaves(size));
                    var (index, earlier) = (where % size, 1 + where % (size - 1));
                    var path = tree.Inclusion(index, size).ToList();
                    path[which % path.Count] = other;
                    Assert.False(MerkleProof.Includes(MerkleHash.Leaf(Leaves(size)[index]), index, size, path, tree.RootAt(size)));
                    var between = tree.Consistency(earlier, size).ToList();
                    between[which % between.Count] = other;
                    Assert.False(MerkleProof.IsConsistent(earlier, size, between, tree.RootAt(earlier), tree.RootAt(size)));
                },
                iter: 200
            );

    [Fact]
    public void Proofs_OfAnything_AreReadWithoutFault() =>
        Gen.Select(Gen.Long[-2, 70], Gen.Long[-2, 70], s_digest.List[0, 8])
            .Sample(
                (first, second, path) =>
                {
                    Assert.False(MerkleProof.Includes(MerkleHash.OfNothing, first, second, path, MerkleHash.Leaf("x"u8)));
                    Assert.False(MerkleProof.IsConsistent(first, second, path, MerkleHash.Leaf("x"u8), MerkleHash.Leaf("y"u8)));
                }
            );

    [Fact]
    public void Proofs_OfWhatWasNever_AreRefused()
    {
        var tree = Tree(Leaves(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.RootAt(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Inclusion(2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Consistency(3, 2));
    }

    private static Digest Definition(byte[][] leaves)
    {
        if (leaves.Length == 0)
        {
            return new(SHA256.HashData([]));
        }

        if (leaves.Length == 1)
        {
            return new(SHA256.HashData([0, .. leaves[0]]));
        }

        var left = 1;
        while (2 * left < leaves.Length)
        {
            left *= 2;
        }

        return new(SHA256.HashData([1, .. Definition(leaves[..left]).ToArray(), .. Definition(leaves[left..]).ToArray()]));
    }

    private static byte[][] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => BitConverter.GetBytes(i)[..(i % 4 + 1)])];

    private static MerkleTree Tree(byte[][] leaves)
    {
        var tree = new MerkleTree();
        foreach (var leaf in leaves)
        {
            tree.Append(MerkleHash.Leaf(leaf));
        }

        return tree;
    }
}
