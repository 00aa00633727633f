using System.Text.Json;
using Microsoft.ML.Tokenizers;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Byte-pair encoding over the byte alphabet (GPT-2; arXiv:1508.07909): any text, no unknown token.</summary>
internal static class ByteLevelVocabulary
{
    private const long MaximumBytes = 16L << 20;

    /// <param name="vocabulary">Tokens in the byte alphabet, without special and added ones.</param>
    /// <param name="merges">Pairs "left right" in the order learned.</param>
    /// <param name="pattern">How text is cut before pairs are merged.</param>
    public static TokenizerParts Build(
        IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges, AddedTokens added, string pattern)
    {
        RequireAllBytes(vocabulary);
        var bytes = new byte[]?[1 + vocabulary.Values.Concat(added.Ids).Max()];
        foreach (var (token, id) in vocabulary)
        {
            bytes[id] = ByteAlphabet.TryRead(token) ?? throw new ModelFileException($"Token {id} of the tokenizer is not in the byte alphabet.");
        }

        added.WriteTo(bytes);
        var engine = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = merges,
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(WordPattern.Compile(pattern), specialTokens: null),
        });
        return new(engine, bytes, added.Special, added.Ordinary, LeadingSpace: false);
    }

    /// <summary>GPT-2's first form: <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    /// <exception cref="ModelFileException">A file is missing, too large or malformed.</exception>
    public static TokenizerParts Read(string vocabularyFile, string mergesFile)
    {
        const string EndOfText = "<|endoftext|>";
        ModelFileException.ThrowIfTooLarge(vocabularyFile, MaximumBytes);
        ModelFileException.ThrowIfTooLarge(mergesFile, MaximumBytes);
        using var document = JsonDocument.Parse(File.ReadAllBytes(vocabularyFile), new JsonDocumentOptions { MaxDepth = 4 });
        var vocabulary = TokenizerFile.ReadVocabulary(document.RootElement);
        var added = new AddedTokens();
        if (vocabulary.Remove(EndOfText, out var end))
        {
            added.Special[EndOfText] = end;
        }

        List<string> merges = [.. File.ReadLines(mergesFile).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)).Take(TokenizerFile.MaximumTokens)];
        return Build(vocabulary, merges, added, WordPattern.Gpt2);
    }

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
