using Microsoft.ML.Tokenizers;

namespace WebTrainer.Tokenizing;

/// <summary>A vocabulary ready to use, whatever its kind.</summary>
/// <param name="Engine">Cuts ordinary text; knows no special tokens.</param>
/// <param name="Bytes">What each token stands for, by id; null where an id is not used.</param>
/// <param name="Special">Control tokens by name; no text of users spells them.</param>
/// <param name="Added">Other tokens that are found in any text before it is cut.</param>
/// <param name="LeadingSpace">A space stands before every text, which decoding takes off again (SentencePiece, WordPiece).</param>
public sealed record TokenizerParts(
    Tokenizer Engine,
    byte[]?[] Bytes,
    IReadOnlyDictionary<string, int> Special,
    IReadOnlyDictionary<string, int> Added,
    bool LeadingSpace);
