using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>BERT's first form of a vocabulary, <c>vocab.txt</c>: a token a line, its id the number of the line.</summary>
internal static class VocabularyText
{
    public const string FileName = "vocab.txt";
    private const long MaximumBytes = 16L << 20;

    /// <param name="config">Says how a text is written; without it in small letters, without accents and with Chinese characters apart, as
    /// BERT's own code does.</param>
    /// <exception cref="ModelFileException">The file is missing, too large or malformed.</exception>
    public static TokenizerParts Read(string path, TokenizerConfig config)
    {
        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        var (vocabulary, line) = (new Dictionary<string, int>(), 0);
        foreach (var token in File.ReadLines(path))
        {
            if (line == TokenizerFile.MaximumTokens)
            {
                throw new ModelFileException($"{FileName} has more than {TokenizerFile.MaximumTokens} tokens.");
            }

            vocabulary[token] = line++;
        }

        var added = new AddedTokens();
        string[] marks =
        [
            config.PaddingToken ?? "[PAD]",
            config.UnknownToken ?? WordPieceVocabulary.UsualUnknown,
            config.ClassifierToken ?? "[CLS]",
            config.SeparatorToken ?? "[SEP]",
            config.MaskToken ?? "[MASK]",
            config.BeginToken ?? "<s>",
            config.EndToken ?? "</s>",
        ];
        foreach (var mark in marks.Where(vocabulary.ContainsKey))
        {
            added.Special[mark] = vocabulary[mark];
        }

        var lower = config.LowerCase ?? true;
        var normaliser = new BertNormalizer(CleanText: true, config.SplitChinese ?? true, config.StripAccents ?? lower, lower);
        return new WordPieceVocabulary(
            vocabulary,
            config.UnknownToken ?? WordPieceVocabulary.UsualUnknown,
            WordPieceVocabulary.UsualPrefix,
            WordPieceVocabulary.UsualLongestWord
        ).Build(added, normaliser.Apply, PreTokenizer.Bert);
    }
}
