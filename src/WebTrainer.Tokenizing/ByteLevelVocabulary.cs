using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Byte-pair encoding over the byte alphabet (GPT-2; arXiv:1508.07909): any text, no unknown token.</summary>
internal static class ByteLevelVocabulary
{
    private const long MaximumBytes = 16L << 20;

    /// <summary>GPT-2's one control token, and RoBERTa's.</summary>
    private static readonly string[] s_marks = ["<|endoftext|>", "<s>", "</s>", "<pad>", "<unk>", "<mask>"];

    /// <summary>GPT-2's first form: <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    /// <exception cref="ModelFileException">A file is missing, too large or malformed.</exception>
    public static TokenizerParts Read(string vocabularyFile, string mergesFile, TokenizerConfig config)
    {
        ModelFileException.ThrowIfTooLarge(vocabularyFile, MaximumBytes);
        ModelFileException.ThrowIfTooLarge(mergesFile, MaximumBytes);
        using var document = JsonDocument.Parse(File.ReadAllBytes(vocabularyFile), new JsonDocumentOptions { MaxDepth = 4 });
        var vocabulary = TokenizerFile.ReadVocabulary(document.RootElement);
        var added = new AddedTokens();
        foreach (
            var mark in s_marks.Concat([
                config.BeginToken,
                config.EndToken,
                config.PaddingToken,
                config.UnknownToken,
                config.ClassifierToken,
                config.SeparatorToken,
                config.MaskToken,
            ])
        )
        {
            if (mark is not null && vocabulary.Remove(mark, out var id))
            {
                added.Special[mark] = id;
            }
        }

        RequireAllBytes(vocabulary);
        return Build(vocabulary, added, MergesIn(mergesFile), config);
    }

    private static TokenizerParts Build(
        Dictionary<string, int> vocabulary,
        AddedTokens added,
        IReadOnlyList<(string Left, string Right)> merges,
        TokenizerConfig config
    )
    {
        var bytes = new byte[]?[1 + vocabulary.Values.Concat(added.Ids).Max()];
        foreach (var (token, id) in vocabulary)
        {
            bytes[id] =
                ByteAlphabet.TryRead(token) ?? throw new ModelFileException($"Token {id} of the tokenizer is not in the byte alphabet.");
        }

        added.WriteTo(bytes);
        return new(new BpeModel(vocabulary, merges, new()).Cut, bytes, added.Special, added.Ordinary, LeadingSpace: false)
        {
            Tokens = added.All,
            Words = PreTokenizer.ByteLevel(config.AddPrefixSpace == true, cuts: true),
        };
    }

    private static List<(string Left, string Right)> MergesIn(string file) =>
        [
            .. File.ReadLines(file)
                .Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
                .Take(BpeFile.MaximumMerges)
                .Select(BpeFile.PairOf),
        ];

    private static void RequireAllBytes(IReadOnlyDictionary<string, int> vocabulary)
    {
        for (var value = 0; value < 256; value++)
        {
            if (!vocabulary.ContainsKey(ByteAlphabet.CharacterOf((byte)value).ToString()))
            {
                throw new ModelFileException($"The tokenizer is not byte-level: it has no token for byte 0x{value:X2}.");
            }
        }
    }
}
