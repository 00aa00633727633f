using CsCheck;

namespace WebTrainer.Proof.Tests;

public sealed class ChainTests
{
    private static readonly string?[] s_some = ["", "a", "ab", "b", "\0", "é", null];
    private static readonly Gen<List<string?>> s_texts = Gen.Int[0, s_some.Length - 1].Select(i => s_some[i]).List[0, 4];

    [Fact]
    public void Hash_OfOtherFields_IsAnother()
    {
        var hasher = new ChainHasher();
        Digest[] hashes =
        [
            hasher.Begin(default).End(),
            hasher.Begin(default).Null().End(),
            hasher.Begin(default).Text("").End(),
            hasher.Begin(default).Blob([]).End(),
            hasher.Begin(default).Number(0).End(),
            hasher.Begin(default).Text("ab").Text("c").End(),
            hasher.Begin(default).Text("a").Text("bc").End(),
            hasher.Begin(default).Text("a").Null().Text("bc").End(),
            hasher.Begin(Digest.Of("x"u8)).Text("a").Text("bc").End(),
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    /// <summary>Two lists of fields have the same bytes only where they are the same.</summary>
    [Fact]
    public void Hash_OfTwoListsOfTexts_IsTheSameForEqualOnesAlone() =>
        Gen.Select(s_texts, s_texts).Sample((first, second) => Assert.Equal(Bytes(first) == Bytes(second), Hash(first) == Hash(second)));

    [Fact]
    public void Hash_IsTheSameForTextAndItsBytes() =>
        Assert.Equal(new ChainHasher().Begin(default).Text("سلام").End(), new ChainHasher().Begin(default).Text("سلام"u8).End());

    private static Digest Hash(List<string?> texts)
    {
        var hasher = new ChainHasher().Begin(default);
        foreach (var text in texts)
        {
            hasher.Text(text);
        }

        return hasher.End();
    }

    private static string Bytes(List<string?> texts) =>
        string.Join('|', texts.Select(text => text is null ? "-" : "+" + Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text))));
}
