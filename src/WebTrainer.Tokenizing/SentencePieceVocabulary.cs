using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.ML.Tokenizers;
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
/// A SentencePiece vocabulary (arXiv:1808.06226), by merges or Unigram (arXiv:1804.10959). Whatever file it comes from, it is
/// handed to the library in the one form that it reads, a serialised ModelProto.
/// </summary>
internal sealed record SentencePieceVocabulary(IReadOnlyList<Piece> Pieces, bool Unigram, bool LeadingSpace, bool RemoveExtraSpaces = false)
{
    private const char Space = '\u2581';

    /// <summary>Compiled normalisation rules, as the file has them.</summary>
    public byte[] NormalisationRules { get; init; } = [];

    public TokenizerParts Build(AddedTokens added)
    {
        if (Pieces.Count == 0 || !Pieces.Any(piece => piece.Kind == PieceKind.Unknown))
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
        using var stream = new MemoryStream(Serialise());
        var engine = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        return new(text => engine.EncodeToIds(text), bytes, added.Special, added.Ordinary, LeadingSpace)
        {
            Tokens = added.All,
            Control = added.Control,
        };
    }

    /// <summary>Reads a <c>tokenizer.model</c>.</summary>
    /// <exception cref="ModelFileException">The file is no SentencePiece model.</exception>
    public static SentencePieceVocabulary Read(byte[] file)
    {
        var pieces = new List<Piece>();
        var (unigram, leading, remove, rules) = (true, true, true, Array.Empty<byte>());
        try
        {
            foreach (var (field, value) in Fields(file))
            {
                switch (field)
                {
                    case 1 when pieces.Count < TokenizerFile.MaximumTokens:
                        pieces.Add(ReadPiece((ByteString)value));
                        break;
                    case 2:
                        unigram =
                            Fields((ByteString)value)
                                .Where(entry => entry.Field == 3)
                                .Select(entry => (ulong)entry.Value)
                                .LastOrDefault(1UL) == 1;
                        break;
                    case 3:
                        var normaliser = Fields((ByteString)value).ToLookup(entry => entry.Field, entry => entry.Value);
                        rules = normaliser[2].OfType<ByteString>().LastOrDefault(ByteString.Empty).ToByteArray();
                        leading = normaliser[3].OfType<ulong>().LastOrDefault(1UL) == 1;
                        remove = normaliser[4].OfType<ulong>().LastOrDefault(1UL) == 1;
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidCastException)
        {
            throw new ModelFileException($"tokenizer.model is no SentencePiece model: {exception.Message}", exception);
        }

        return new(pieces, unigram, leading, remove) { NormalisationRules = rules };
    }

    /// <summary>The byte that a piece such as <c>&lt;0x41&gt;</c> stands for.</summary>
    public static byte ByteOf(Piece piece) => byte.Parse(piece.Text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static byte[] BytesOf(Piece piece) =>
        piece.Kind == PieceKind.Byte ? [ByteOf(piece)] : Encoding.UTF8.GetBytes(piece.Text.Replace(Space, ' '));

    private static Piece ReadPiece(ByteString bytes)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        foreach (var (field, value) in Fields(bytes))
        {
            (text, score, kind) = field switch
            {
                1 => (((ByteString)value).ToStringUtf8(), score, kind),
                2 => (text, (float)value, kind),
                3 => (text, score, (PieceKind)(ulong)value),
                _ => (text, score, kind),
            };
        }

        return new(text, score, kind);
    }

    private static IEnumerable<(int Field, object Value)> Fields(ByteString bytes) => Fields(bytes.ToByteArray());

    /// <summary>The fields of a protocol buffer message, in order: numbers, floats, and bytes of what is nested.</summary>
    private static IEnumerable<(int Field, object Value)> Fields(byte[] bytes)
    {
        using var input = new CodedInputStream(bytes);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            yield return WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => (field, input.ReadUInt64()),
                WireFormat.WireType.Fixed32 => (field, input.ReadFloat()),
                WireFormat.WireType.Fixed64 => (field, input.ReadFixed64()),
                WireFormat.WireType.LengthDelimited => (field, input.ReadBytes()),
                var type => throw new ModelFileException($"tokenizer.model has a field of the kind {type}."),
            };
        }
    }

    private byte[] Serialise()
    {
        // The library wants tokens for begin and end in every vocabulary; where there are none, they follow the last id and are never made.
        var pieces = Pieces.ToList();
        int Find(params string[] names)
        {
            var id = pieces.FindIndex(piece => piece.Kind == PieceKind.Control && names.Contains(piece.Text));
            if (id < 0)
            {
                pieces.Add(new Piece(names[0], 0, PieceKind.Control));
            }

            return id < 0 ? pieces.Count - 1 : id;
        }

        // Numbers of fields: sentencepiece_model.proto.
        var trainer = Message(output =>
        {
            WriteNumber(output, 3, Unigram ? 1 : 2);
            WriteNumber(output, 35, pieces.Any(piece => piece.Kind == PieceKind.Byte) ? 1 : 0);
            WriteNumber(output, 40, pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown));
            WriteNumber(output, 41, Find("<s>", "<bos>"));
            WriteNumber(output, 42, Find("</s>", "<eos>"));
            WriteNumber(output, 43, -1);
        });
        var normaliser = Message(output =>
        {
            WriteBytes(output, 2, NormalisationRules);
            WriteNumber(output, 3, LeadingSpace ? 1 : 0);
            WriteNumber(output, 4, RemoveExtraSpaces ? 1 : 0);
            WriteNumber(output, 5, 1);
        });
        return Message(output =>
        {
            foreach (var piece in pieces)
            {
                WriteBytes(
                    output,
                    1,
                    Message(inner =>
                    {
                        WriteBytes(inner, 1, Encoding.UTF8.GetBytes(piece.Text));
                        inner.WriteTag(2, WireFormat.WireType.Fixed32);
                        inner.WriteFloat((float)piece.Score);
                        WriteNumber(inner, 3, (int)piece.Kind);
                    })
                );
            }

            WriteBytes(output, 2, trainer);
            WriteBytes(output, 3, normaliser);
        });
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }

    private static void WriteNumber(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }

    private static void WriteBytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }
}
