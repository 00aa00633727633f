namespace WebTrainer.Labeling;

/// <summary>
/// An order in which texts that differ most come first: each next one is the farthest from all before it (greedy k-centre, Gonzalez 1985,
/// Theoretical Computer Science 38), by the cosine of their words.
/// </summary>
public static class Diversity
{
    /// <summary>After so many the next farthest text differs little from chance, and finding it costs as much as the first.</summary>
    public const int MostCentres = 300;

    private const int Buckets = 4096;

    /// <param name="texts">Any number of them, in any script; words are what stands between spaces and marks.</param>
    /// <param name="seed">Of the first centre and of the rest's order: the same texts and seed give the same ranks.</param>
    /// <returns>For each text its rank from 0; those beyond the centres share the last ranks in a shuffled order.</returns>
    public static int[] Ranks(IReadOnlyList<string> texts, int seed)
    {
        var vectors = texts.Select(Vector).ToArray();
        var nearest = Enumerable.Repeat(float.NegativeInfinity, texts.Count).ToArray();
        var ranks = Enumerable.Repeat(-1, texts.Count).ToArray();
        var random = new Random(seed);
        var centres = Math.Min(MostCentres, texts.Count);
        var next = texts.Count == 0 ? 0 : random.Next(texts.Count);
        for (var rank = 0; rank < centres; rank++)
        {
            ranks[next] = rank;
            var centre = Dense(vectors[next]);
            var farthest = -1;
            for (var i = 0; i < texts.Count; i++)
            {
                nearest[i] = Math.Max(nearest[i], vectors[i].Sum(term => term.Value * centre[term.Key]));
                if (ranks[i] < 0 && (farthest < 0 || nearest[i] < nearest[farthest]))
                {
                    farthest = i;
                }
            }

            if (farthest < 0)
            {
                break;
            }

            next = farthest;
        }

        var rest = Enumerable.Range(0, texts.Count).Where(i => ranks[i] < 0).ToArray();
        random.Shuffle(rest);
        foreach (var (place, i) in rest.Index())
        {
            ranks[i] = centres + place;
        }

        return ranks;
    }

    private static KeyValuePair<int, float>[] Vector(string text)
    {
        var counts = text.Split((char[])[' ', '\n', '\t', ',', '.', '!', '?', ';', ':'], StringSplitOptions.RemoveEmptyEntries)
            .Take(400)
            .CountBy(word => (int)((uint)Hash(word) % Buckets))
            .ToArray();
        var norm = MathF.Sqrt(counts.Sum(c => (float)c.Value * c.Value));
        return [.. counts.Select(c => KeyValuePair.Create(c.Key, c.Value / norm))];
    }

    private static float[] Dense(KeyValuePair<int, float>[] vector)
    {
        var dense = new float[Buckets];
        foreach (var (bucket, value) in vector)
        {
            dense[bucket] = value;
        }

        return dense;
    }

    // string.GetHashCode differs at each start; an order must not.
    private static int Hash(string word) => word.Aggregate(17, (hash, c) => unchecked((hash * 31) + char.ToLowerInvariant(c)));
}
