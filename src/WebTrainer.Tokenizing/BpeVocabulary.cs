namespace WebTrainer.Tokenizing;

/// <summary>A byte-level vocabulary: 256 bytes, then one token a merge, then the special tokens.</summary>
/// <param name="Merges">Pairs of token ids in the order learned; merge i makes token 256 + i.</param>
/// <param name="SpecialTokens">Control tokens, which no text can spell.</param>
public sealed record BpeVocabulary(IReadOnlyList<(int Left, int Right)> Merges, IReadOnlyList<string> SpecialTokens)
{
    /// <summary>Number of ids: bytes, merges and special tokens.</summary>
    public int Size => 256 + Merges.Count + SpecialTokens.Count;

    /// <summary>The bytes of each ordinary token, by id.</summary>
    public IReadOnlyList<byte[]> TokenBytes()
    {
        var tokens = new List<byte[]>(256 + Merges.Count);
        for (var value = 0; value < 256; value++)
        {
            tokens.Add([(byte)value]);
        }

        foreach (var (left, right) in Merges)
        {
            tokens.Add([.. tokens[left], .. tokens[right]]);
        }

        return tokens;
    }
}
