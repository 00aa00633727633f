using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>
/// XLM-R's SentencePiece file alone. Its model counts from fairseq's four marks, so that every piece behind the file's own three is one
/// further on, and <c>&lt;mask&gt;</c> is the last (arXiv:1911.02116).
/// </summary>
internal static class FairseqVocabulary
{
    public const string FileName = "sentencepiece.bpe.model";
    private const int OwnMarks = 3,
        Begin = 0,
        End = 2,
        Unknown = 3;

    public static TokenizerParts Build(SentencePieceVocabulary file)
    {
        Piece Mark(string text) => new(text, 0, PieceKind.Control);
        List<Piece> pieces =
        [
            Mark("<s>"),
            Mark("<pad>"),
            Mark("</s>"),
            new("<unk>", 0, PieceKind.Unknown),
            .. file.Pieces.Skip(OwnMarks),
            Mark("<mask>"),
        ];
        var map = CharacterMap.Read(file.NormalisationRules);
        var parts = new UnigramVocabulary(pieces, Unknown, ByteFallback: false).Build(
            new AddedTokens(),
            text => WithoutSpareSpaces(map.Apply(text)),
            PreTokenizer.Metaspace("▁", "always", split: true)
        );
        return parts with { Template = EncoderTemplate.Roberta(Begin, End) };
    }

    private static string WithoutSpareSpaces(string text)
    {
        var trimmed = text.TrimEnd();
        while (trimmed.Contains("  ", StringComparison.Ordinal))
        {
            trimmed = trimmed.Replace("  ", " ", StringComparison.Ordinal);
        }

        return trimmed;
    }
}
