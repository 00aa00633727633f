using System.Runtime.InteropServices;
using System.Text;

namespace WebTrainer.Embedding;

/// <summary>Texts as vectors of 8-bit numbers; texts that mean the same lie near each other. Needs no network and no other files.</summary>
/// <remarks>
/// Three views of a text, each of length one, weighted by their shares: its character 3- and 4-grams and its words by TF-IDF, hashed
/// with signs into one block (Weinberger et al., arXiv:0902.2206), and the sum of its words' vectors, each weighted by
/// a / (a + p(word)) (Arora et al., SIF, ICLR 2017). Document frequencies are learned from the texts that are compared; the shares
/// were chosen on the training part of STS-B. Learn all texts first, then embed; both may run on several threads.
/// </remarks>
public sealed class TextEmbedder
{
    /// <summary>Numbers of a vector.</summary>
    public const int Dimensions = HashedDimensions + WordVectors.Dimensions;

    private const int HashedDimensions = 412;
    private const double CharacterShare = 0.6;
    private const double WordShare = 0.1;
    private const double MeaningShare = 0.3;

    /// <summary>a of SIF.</summary>
    private const double Smoothing = 3e-4;

    /// <summary>Zipf–Mandelbrot: the share of a word in text is about 1 / ((rank + 2.7) · norm), over the 400,000 words of GloVe.</summary>
    private const double ZipfShift = 2.7;
    private static readonly double s_zipfNorm = Enumerable.Range(0, 400_000).Sum(r => 1 / (r + ZipfShift));

    private const int BucketBits = 18;
    private readonly int[] _documents = new int[1 << BucketBits];
    private int _texts;

    /// <summary>Writes what was learned, so that texts met later get vectors that can be compared with those made now.</summary>
    public void Write(Stream target)
    {
        using var writer = new BinaryWriter(target, Encoding.UTF8, leaveOpen: true);
        writer.Write7BitEncodedInt(_texts);
        foreach (var documents in _documents)
        {
            writer.Write7BitEncodedInt(documents);
        }
    }

    /// <summary>An embedder that has learned what <see cref="Write"/> wrote.</summary>
    /// <exception cref="EndOfStreamException">There is less than it wrote.</exception>
    public static TextEmbedder Read(Stream source)
    {
        using var reader = new BinaryReader(source, Encoding.UTF8, leaveOpen: true);
        var embedder = new TextEmbedder { _texts = reader.Read7BitEncodedInt() };
        foreach (ref var documents in embedder._documents.AsSpan())
        {
            documents = reader.Read7BitEncodedInt();
        }

        return embedder;
    }

    /// <summary>Counts in how many texts each feature stands.</summary>
    public void Learn(string text)
    {
        var features = new List<uint>();
        TextFeatures.Add(text, features);
        features.Sort();
        uint? last = null;
        foreach (var feature in features)
        {
            if (feature != last)
            {
                Interlocked.Increment(ref _documents[Bucket(feature)]);
            }

            last = feature;
        }

        Interlocked.Increment(ref _texts);
    }

    /// <param name="vector">Filled; <see cref="Dimensions"/> numbers from −127 to 127. All are 0 for a text without letters and
    /// digits.</param>
    public void Embed(string text, Span<sbyte> vector)
    {
        Span<double> values = stackalloc double[Dimensions];
        values.Clear();
        AddHashed(text, values[..HashedDimensions]);
        AddMeaning(text, values[HashedDimensions..]);
        Quantise(values, vector);
    }

    private void AddHashed(string text, Span<double> values)
    {
        var features = new List<uint>();
        TextFeatures.Add(text, features);
        features.Sort();
        Span<double> characters = stackalloc double[HashedDimensions];
        Span<double> words = stackalloc double[HashedDimensions];
        characters.Clear();
        words.Clear();
        double characterNorm = 0,
            wordNorm = 0;
        var all = CollectionsMarshal.AsSpan(features);
        for (var i = 0; i < all.Length; )
        {
            var feature = all[i];
            var count = 0;
            for (; i < all.Length && all[i] == feature; i++)
            {
                count++;
            }

            var weight = count * (Math.Log((_texts + 1.0) / (_documents[Bucket(feature)] + 1.0)) + 1);
            var place = (int)((feature >> 2) % HashedDimensions);
            var signed = (feature & 2) == 0 ? weight : -weight;
            if (TextFeatures.IsWord(feature))
            {
                words[place] += signed;
                wordNorm += weight * weight;
            }
            else
            {
                characters[place] += signed;
                characterNorm += weight * weight;
            }
        }

        if (wordNorm == 0)
        {
            return;
        }

        var (c, w) = (Math.Sqrt(CharacterShare / characterNorm), Math.Sqrt(WordShare / wordNorm));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (c * characters[i]) + (w * words[i]);
        }

        Scale(values, CharacterShare + WordShare);
    }

    private static void AddMeaning(string text, Span<double> values)
    {
        var vectors = WordVectors.Shipped;
        Span<char> lower = stackalloc char[TextFeatures.MaxWordLength];
        foreach (var word in TextFeatures.Words(text))
        {
            if (word.Length > lower.Length)
            {
                continue;
            }

            var length = word.ToLowerInvariant(lower);
            if (!vectors.TryFind(lower[..length], out var rank))
            {
                continue;
            }

            var share = 1 / ((rank + ZipfShift) * s_zipfNorm);
            var weight = Smoothing / (Smoothing + share);
            var vector = vectors.Of(rank);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] += weight * vector[i];
            }
        }

        Scale(values, MeaningShare);
    }

    /// <summary>Makes the squared length of a block its share; a block of zeros stays.</summary>
    private static void Scale(Span<double> values, double share)
    {
        double norm = 0;
        foreach (var value in values)
        {
            norm += value * value;
        }

        if (norm == 0)
        {
            return;
        }

        var factor = Math.Sqrt(share / norm);
        foreach (ref var value in values)
        {
            value *= factor;
        }
    }

    private static void Quantise(ReadOnlySpan<double> values, Span<sbyte> vector)
    {
        double largest = 0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        var factor = largest == 0 ? 0 : 127 / largest;
        for (var i = 0; i < Dimensions; i++)
        {
            vector[i] = (sbyte)Math.Round(values[i] * factor);
        }
    }

    private static int Bucket(uint feature) => (int)(feature * 2654435769u >> (32 - BucketBits));
}
