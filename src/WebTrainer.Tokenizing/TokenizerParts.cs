namespace WebTrainer.Tokenizing;

/// <summary>A vocabulary ready to use, whatever its kind.</summary>
/// <param name="Cut">Cuts a word into tokens; knows no special ones.</param>
/// <param name="Bytes">What each token stands for, by id; null where an id is not used.</param>
/// <param name="Special">Control tokens by name; no text of users spells them.</param>
/// <param name="Added">Other tokens that are found in any text before it is cut.</param>
/// <param name="LeadingSpace">A space stands before every text, which decoding takes off again (SentencePiece, WordPiece).</param>
internal sealed record TokenizerParts(
    Func<string, IReadOnlyList<int>> Cut,
    byte[]?[] Bytes,
    IReadOnlyDictionary<string, int> Special,
    IReadOnlyDictionary<string, int> Added,
    bool LeadingSpace
)
{
    /// <summary>How a text is written before anything is cut.</summary>
    public Func<string, string> Normalise { get; init; } = Normalizer.None;

    /// <summary>How a text becomes the words that are cut; all of it is one where the vocabulary does that itself.</summary>
    public Words Words { get; init; } = PreTokenizer.Whole;

    /// <summary><see cref="Added"/>, with the ways in which each is found.</summary>
    public required IReadOnlyList<AddedToken> Tokens { get; init; }

    /// <summary>Those of <see cref="Special"/> that the file describes, with the ways in which each is found.</summary>
    public IReadOnlyList<AddedToken> Control { get; init; } = [];

    /// <summary>The marks of an encoder; null in tokenizers of decoders, and where the files leave it to the names of the marks.</summary>
    public EncoderTemplate? Template { get; init; }
}
