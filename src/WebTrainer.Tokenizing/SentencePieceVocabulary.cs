using System.Globalization;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>Kinds of piece, numbered as in SentencePiece's files.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <param name="Text">With ▁ (U+2581) for a space.</param>
/// <param name="Score">Log probability, or minus the rank of a merge.</param>
internal sealed record Piece(string Text, double Score, PieceKind Kind);

/// <summary>
/// A SentencePiece vocabulary (arXiv:1808.06226), by merges or Unigram (arXiv:1804.10959), as <c>tokenizer.model</c> has it.
/// </summary>
/// <param name="LeadingSpace">A space is put before each text.</param>
/// <param name="RemoveExtraSpaces">Spaces at both ends go, and of several one is left.</param>
internal sealed record SentencePieceVocabulary(IReadOnlyList<Piece> Pieces, bool Unigram, bool LeadingSpace, bool RemoveExtraSpaces = false)
{
    private const char Space = '\u2581';
    private const double UnknownPenalty = 10,
        WholePenalty = 0.1;

    /// <summary>Compiled normalisation rules, as the file has them.</summary>
    public byte[] NormalisationRules { get; init; } = [];

    /// <summary>Spaces are written ▁.</summary>
    public bool EscapesSpaces { get; init; } = true;

    /// <summary>The space of <see cref="LeadingSpace"/> stands behind a text instead.</summary>
    public bool SpaceAtEnd { get; init; }

    /// <exception cref="ModelFileException">There is no token for the unknown, or not all bytes have one.</exception>
    public TokenizerParts Build(AddedTokens added)
    {
        var unknown = IndexOf(piece => piece.Kind == PieceKind.Unknown);
        if (unknown < 0)
        {
            throw new ModelFileException("The SentencePiece vocabulary has no token for the unknown.");
        }

        var bytes = new byte[]?[Math.Max(Pieces.Count, added.Ids.DefaultIfEmpty(-1).Max() + 1)];
        for (var id = 0; id < Pieces.Count; id++)
        {
            bytes[id] = BytesOf(Pieces[id]);
            if (Pieces[id].Kind is PieceKind.Control or PieceKind.Unknown)
            {
                added.Special.TryAdd(Pieces[id].Text, id);
            }
        }

        added.WriteTo(bytes);
        var table = new PieceTable(Pieces);
        var normalizer = new SentencePieceNormalizer(this, table);
        Func<string, IReadOnlyList<int>> cut = Unigram
            ? new UnigramCutter(Scores(table), unknown, LowestScore() - UnknownPenalty, ByteIds()).Cut
            : new SentencePieceMerger(table, unknown, ByteIds()).Cut;
        return new(text => cut(normalizer.Apply(text)), bytes, added.Special, added.Ordinary, LeadingSpace && !SpaceAtEnd)
        {
            Tokens = added.All,
            Control = added.Control,
        };
    }

    /// <summary>Reads a <c>tokenizer.model</c>. Numbers of fields: sentencepiece_model.proto.</summary>
    /// <exception cref="ModelFileException">The file is no SentencePiece model, or of a kind that is not read.</exception>
    public static SentencePieceVocabulary Read(byte[] file)
    {
        var pieces = new List<Piece>();
        var (kind, atEnd) = (1UL, false);
        var (leading, remove, escapes, rules) = (true, true, true, Array.Empty<byte>());
        foreach (var field in ProtocolBuffer.Fields(file))
        {
            switch (field.Field)
            {
                case 1 when pieces.Count < TokenizerFile.MaximumTokens:
                    pieces.Add(ReadPiece(field.Bytes));
                    break;
                case 2:
                    var trainer = ProtocolBuffer.Fields(field.Bytes).ToLookup(entry => entry.Field, entry => entry.Number);
                    (kind, atEnd) = (trainer[3].LastOrDefault(kind), trainer[24].LastOrDefault(0UL) == 1);
                    break;
                case 3:
                    var normaliser = ProtocolBuffer.Fields(field.Bytes).ToLookup(entry => entry.Field);
                    bool Flag(int number) => !normaliser[number].Any() || normaliser[number].Last().Number == 1;
                    rules = normaliser[2].LastOrDefault().Bytes.ToArray();
                    (leading, remove, escapes) = (Flag(3), Flag(4), Flag(5));
                    break;
            }
        }

        return kind is 1 or 2
            ? new(pieces, kind == 1, leading, remove)
            {
                NormalisationRules = rules,
                EscapesSpaces = escapes,
                SpaceAtEnd = atEnd,
            }
            : throw new ModelFileException(
                $"tokenizer.model cuts by {(kind == 3 ? "words" : kind == 4 ? "characters" : $"kind {kind}")}; Unigram and BPE can be read."
            );
    }

    /// <summary>The byte that a piece such as <c>&lt;0x41&gt;</c> stands for.</summary>
    public static byte ByteOf(Piece piece) => byte.Parse(piece.Text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static byte[] BytesOf(Piece piece) =>
        piece.Kind == PieceKind.Byte ? [ByteOf(piece)] : Encoding.UTF8.GetBytes(piece.Text.Replace(Space, ' '));

    private static Piece ReadPiece(ReadOnlyMemory<byte> bytes)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        foreach (var field in ProtocolBuffer.Fields(bytes))
        {
            (text, score, kind) = field.Field switch
            {
                1 => (field.Text, score, kind),
                2 => (text, field.Float, kind),
                3 => (text, score, (PieceKind)field.Number),
                _ => (text, score, kind),
            };
        }

        return new(text, score, kind);
    }

    private int IndexOf(Func<Piece, bool> holds)
    {
        for (var id = 0; id < Pieces.Count; id++)
        {
            if (holds(Pieces[id]))
            {
                return id;
            }
        }

        return -1;
    }

    /// <returns>Null where what is unknown is one token.</returns>
    private int[]? ByteIds()
    {
        var ids = new int[256];
        Array.Fill(ids, -1);
        for (var id = 0; id < Pieces.Count; id++)
        {
            if (Pieces[id].Kind == PieceKind.Byte)
            {
                ids[ByteOf(Pieces[id])] = id;
            }
        }

        return Array.TrueForAll(ids, id => id < 0) ? null
            : Array.Exists(ids, id => id < 0)
                ? throw new ModelFileException("The SentencePiece vocabulary has tokens for some bytes, but not for all.")
            : ids;
    }

    private double LowestScore() =>
        Pieces.Where(piece => piece.Kind == PieceKind.Normal).Select(piece => piece.Score).DefaultIfEmpty(0).Min();

    /// <summary>
    /// A user's piece is taken nearly wherever it stands: the library reckons its score from the highest of all, but never from one below
    /// 0, which log probabilities are.
    /// </summary>
    private Dictionary<string, (int Id, double Score)> Scores(PieceTable table)
    {
        var highest = Pieces.Where(piece => piece.Kind == PieceKind.Normal).Select(piece => piece.Score).Append(0).Max();
        return table
            .Spelled.Where(entry => Pieces[entry.Value].Kind != PieceKind.Unused)
            .ToDictionary(
                entry => entry.Key,
                entry =>
                    (
                        entry.Value,
                        Pieces[entry.Value].Kind == PieceKind.UserDefined
                            ? (Encoding.UTF8.GetByteCount(entry.Key) * highest) - WholePenalty
                            : Pieces[entry.Value].Score
                    ),
                StringComparer.Ordinal
            );
    }
}
