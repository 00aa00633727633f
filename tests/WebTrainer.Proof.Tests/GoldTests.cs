using System.Text.Json;
using WebTrainer.Proof.Merkle;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Proof.Tests;

/// <summary>Against transparency-dev/merkle; see the file's own "source".</summary>
public sealed class GoldTests
{
    [Fact]
    public void Root_Gold_IsEqual()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "merkle_rfc6962.json")));
        var cases = document.RootElement.GetProperty("cases").EnumerateArray().ToList();
        Assert.NotEmpty(cases);
        foreach (var gold in cases)
        {
            var (frontier, tree) = (new MerkleFrontier(), new MerkleTree());
            foreach (var leaf in gold.GetProperty("leaves_hex").EnumerateArray())
            {
                var hash = MerkleHash.Leaf(Convert.FromHexString(leaf.GetString()!));
                frontier.Append(hash);
                tree.Append(hash);
            }

            var root = Digest.Parse(gold.GetProperty("root").GetString()!);
            Assert.Equal(root, frontier.Root);
            Assert.Equal(root, tree.RootAt(tree.Size));
        }
    }
}
