using WebTrainer.Embedding;

namespace WebTrainer.Pipeline.Vectors;

/// <summary>
/// A vector of each text of a version: one for each text that occurs, and which of them each row has. Vectors are 8-bit numbers, filled up
/// with zeros to a multiple of 16, which changes no cosine.
/// </summary>
public sealed class KeptVectors
{
    /// <summary>Rows that have vectors at most: they are held in memory while they are searched, half a gigabyte then.</summary>
    public const int MostRows = 1_000_000;

    /// <summary>Stands for a row without letters and digits, which is like nothing.</summary>
    internal const int NoText = -1;

    private readonly sbyte[] _values;
    private readonly float[] _inverseNorms;
    private readonly int[] _textOf;
    private Dictionary<UInt128, int>? _places;

    /// <param name="keys">Hash of each text, in the order of <paramref name="values"/>.</param>
    /// <param name="values"><paramref name="dimensions"/> numbers of each text, one text after the other.</param>
    /// <param name="textOf">Of each row the number of its text, or <see cref="NoText"/>.</param>
    internal KeptVectors(VectorSource source, int dimensions, UInt128[] keys, sbyte[] values, int[] textOf)
    {
        (Source, Dimensions, Keys, _values, _textOf) = (source, dimensions, keys, values, textOf);
        _inverseNorms = new float[keys.Length];
        for (var text = 0; text < keys.Length; text++)
        {
            _inverseNorms[text] = ByteVectors.InverseNorm(OfText(text));
        }
    }

    /// <summary>What made them.</summary>
    public VectorSource Source { get; }

    /// <summary>Numbers of a vector, a multiple of 16.</summary>
    public int Dimensions { get; }

    /// <summary>Rows of the version.</summary>
    public int Rows => _textOf.Length;

    /// <summary>Texts that differ.</summary>
    public int Texts => Keys.Length;

    internal UInt128[] Keys { get; }

    internal ReadOnlySpan<sbyte> Values => _values;

    internal ReadOnlySpan<int> TextOf => _textOf;

    /// <summary>The vector of a row; all zeros where it says nothing.</summary>
    /// <param name="row">In the version, from 0.</param>
    public ReadOnlySpan<sbyte> Of(int row) => _textOf[row] == NoText ? new sbyte[Dimensions] : OfText(_textOf[row]);

    /// <summary>1 / length of a row's vector; 0 where it says nothing.</summary>
    public float InverseNorm(int row) => _textOf[row] == NoText ? 0 : _inverseNorms[_textOf[row]];

    /// <summary>The vector of a text that some row has.</summary>
    internal bool TryFind(UInt128 key, out ReadOnlySpan<sbyte> vector)
    {
        _places ??= Keys.Index().ToDictionary(k => k.Item, k => k.Index);
        var found = _places.TryGetValue(key, out var text);
        vector = found ? OfText(text) : default;
        return found;
    }

    private ReadOnlySpan<sbyte> OfText(int text) => _values.AsSpan(text * Dimensions, Dimensions);
}
