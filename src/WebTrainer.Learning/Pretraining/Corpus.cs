using System.Runtime.InteropServices;
using System.Text;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Pretraining;

/// <summary>Plain texts and conversations that a model is trained on from nothing, and the text held out from them.</summary>
/// <param name="Documents">Already in the form the model sees; special tokens are meant only in conversations.</param>
/// <param name="HeldOut">Whole passages that occur in no document.</param>
public sealed record Corpus(IReadOnlyList<CorpusDocument> Documents, string HeldOut)
{
    /// <summary>Tokens of all documents, each ended by the end token.</summary>
    /// <exception cref="InvalidOperationException">The tokenizer has no end token.</exception>
    public ushort[] Encode(TextTokenizer tokenizer, CancellationToken cancellationToken)
    {
        var end = (ushort)(tokenizer.EndId ?? throw new InvalidOperationException("The tokenizer has no end token."));
        var encoded = new ushort[Documents.Count][];
        Parallel.For(
            0,
            Documents.Count,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = 2 },
            index => encoded[index] = [.. Ids(Documents[index], tokenizer).Select(id => (ushort)id), end]
        );
        return [.. encoded.SelectMany(ids => ids)];
    }

    /// <summary>Writes tokens as little-endian 16-bit numbers without a header, whole or not at all.</summary>
    public static void Save(string path, ushort[] tokens) =>
        AtomicFile.Write(path, stream => stream.Write(MemoryMarshal.AsBytes(tokens.AsSpan())));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ushort[] Load(string path) => MemoryMarshal.Cast<byte, ushort>(File.ReadAllBytes(path)).ToArray();

    private static IEnumerable<int> Ids(CorpusDocument document, TextTokenizer tokenizer) =>
        document switch
        {
            Book book => book.Chunks().SelectMany(tokenizer.Encode),
            CorpusConversation talk => Encode(talk, tokenizer),
            _ => throw new ArgumentOutOfRangeException(nameof(document)),
        };

    private static IEnumerable<int> Encode(CorpusConversation talk, TextTokenizer tokenizer) =>
        [
            .. tokenizer.EncodeTemplate("<|user|>"),
            .. tokenizer.Encode(talk.Question),
            .. tokenizer.EncodeTemplate("<|assistant|>"),
            .. tokenizer.Encode(talk.Answer),
        ];
}

/// <summary>A text to learn from, of either kind.</summary>
public abstract record CorpusDocument
{
    /// <summary>All text, for counting words.</summary>
    public abstract IEnumerable<string> Texts();
}

/// <summary>Running text, which holds no special tokens: what looks like one is encoded as words.</summary>
public sealed record Book(string Text) : CorpusDocument
{
    private const int ChunkCharacters = 20_000;

    /// <inheritdoc/>
    public override IEnumerable<string> Texts() => Chunks();

    /// <summary>The text in pieces that end at a line's end, so that no word is cut.</summary>
    public IEnumerable<string> Chunks()
    {
        var chunk = new StringBuilder();
        foreach (var line in Text.Split('\n'))
        {
            chunk.Append(line).Append('\n');
            if (chunk.Length >= ChunkCharacters)
            {
                yield return chunk.ToString();
                chunk.Clear();
            }
        }

        yield return chunk.ToString().TrimEnd('\n');
    }
}

/// <summary>A question and its answer, put into the chat template.</summary>
public sealed record CorpusConversation(string Question, string Answer) : CorpusDocument
{
    /// <summary>Question and answer, without the template around them.</summary>
    public override IEnumerable<string> Texts() => [Question, Answer];
}
