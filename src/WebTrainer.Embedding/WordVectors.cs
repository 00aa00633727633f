using System.Text;

namespace WebTrainer.Embedding;

/// <summary>
/// Vectors of frequent English words: words that are used alike lie near each other (GloVe; see the README beside this file).
/// </summary>
internal sealed class WordVectors
{
    public const int Dimensions = 100;

    private const string Resource = "words.bin";
    private static readonly Lazy<WordVectors> s_shipped = new(Load);
    private readonly Dictionary<string, int> _ranks;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly float[] _values;

    private WordVectors(Dictionary<string, int> ranks, float[] values)
    {
        _ranks = ranks;
        _lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        _values = values;
    }

    public static WordVectors Shipped => s_shipped.Value;

    public int Count => _ranks.Count;

    /// <param name="rank">Place of the word by frequency, from 0.</param>
    public bool TryFind(ReadOnlySpan<char> word, out int rank) => _lookup.TryGetValue(word, out rank);

    /// <returns><see cref="Dimensions"/> values.</returns>
    public ReadOnlySpan<float> Of(int rank) => _values.AsSpan(rank * Dimensions, Dimensions);

    private static WordVectors Load()
    {
        using var reader = new BinaryReader(
            typeof(WordVectors).Assembly.GetManifestResourceStream(Resource)
                ?? throw new InvalidOperationException("The word vectors are missing.")
        );
        if (!reader.ReadBytes(4).AsSpan().SequenceEqual("WTWV"u8))
        {
            throw new InvalidDataException("This is no file of word vectors.");
        }

        var count = reader.ReadInt32();
        if (reader.ReadInt32() != Dimensions)
        {
            throw new InvalidDataException("The word vectors have other dimensions.");
        }

        var ranks = new Dictionary<string, int>(count);
        var values = new float[count * Dimensions];
        for (var rank = 0; rank < count; rank++)
        {
            ranks.Add(Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadByte())), rank);
            var scale = reader.ReadSingle();
            var quantised = reader.ReadBytes(Dimensions);
            for (var i = 0; i < Dimensions; i++)
            {
                values[(rank * Dimensions) + i] = (sbyte)quantised[i] * scale;
            }
        }

        return new WordVectors(ranks, values);
    }
}
