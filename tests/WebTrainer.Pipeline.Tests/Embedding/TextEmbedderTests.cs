using System.Globalization;
using Microsoft.VisualBasic.FileIO;
using WebTrainer.Embedding;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Embedding;

public sealed class TextEmbedderTests
{
    [Fact]
    public void Embed_OfStsBenchmark_AgreesWithPeople_BetterThanEitherPartAlone()
    {
        var pairs = Pairs("stsb-en-dev.csv");
        var likeness = Likeness(pairs);
        Assert.Equal(1_500, pairs.Count);
        Assert.InRange(Pearson(likeness, [.. pairs.Select(p => p.Score)]), 0.78, 1);

        // Without a word in common, only the words' meaning is left to go by.
        var apart = Enumerable.Range(0, pairs.Count).Where(i => !ShareWords(pairs[i])).ToList();
        var agreement = Pearson([.. apart.Select(i => likeness[i])], [.. apart.Select(i => pairs[i].Score)]);
        Assert.InRange(agreement, 0.2, 1);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Pearson(likeness, [.. pairs.Select(p => p.Score)]):0.0000}; {apart.Count} pairs without words in common: {agreement:0.000}"
        );
    }

    [Fact]
    public void Embed_TheSameText_GivesTheSameVector_AndNothingForSigns()
    {
        var embedder = new TextEmbedder();
        string[] texts = ["My card was stolen yesterday", "کارت من دیروز گم شد", "我的卡丢了", "!?"];
        foreach (var text in texts)
        {
            embedder.Learn(text);
        }

        foreach (var text in texts[..3])
        {
            var vector = Embed(embedder, text);
            Assert.Equal(vector, Embed(embedder, text));
            Assert.Equal(1, ByteVectors.Cosine(vector, Embed(embedder, text.ToUpperInvariant() + " !")), 3);
        }

        Assert.All(Embed(embedder, texts[3]), v => Assert.Equal(0, v));
    }

    [Fact]
    public void Dot_IsTheSumOfProducts()
    {
        var random = new Random(1);
        for (var round = 0; round < 100; round++)
        {
            var (x, y) = (Numbers(), Numbers());
            Assert.Equal(x.Zip(y, (a, b) => a * b).Sum(), ByteVectors.Dot(x, y));
        }

        sbyte[] Numbers() => [.. Enumerable.Range(0, 64).Select(_ => (sbyte)random.Next(-127, 128))];
    }

    private static double[] Likeness(IReadOnlyList<(string First, string Second, double Score)> pairs)
    {
        var embedder = new TextEmbedder();
        foreach (var (first, second, _) in pairs)
        {
            embedder.Learn(first);
            embedder.Learn(second);
        }

        return [.. pairs.Select(p => ByteVectors.Cosine(Embed(embedder, p.First), Embed(embedder, p.Second)))];
    }

    private static sbyte[] Embed(TextEmbedder embedder, string text)
    {
        var vector = new sbyte[TextEmbedder.Dimensions];
        embedder.Embed(text, vector);
        return vector;
    }

    private static readonly HashSet<string> s_small =
    [
        .. "a an the is are was were of in on at to and for with by from as be it its his her their this that there not no has have had he she they you i we".Split(
            ' '
        ),
    ];

    private static bool ShareWords((string First, string Second, double Score) pair) =>
        Words(pair.First).Intersect(Words(pair.Second)).Any();

    private static IEnumerable<string> Words(string text) =>
        new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Except(s_small);

    private static double Pearson(double[] x, double[] y)
    {
        var (mx, my) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }

    private static List<(string First, string Second, double Score)> Pairs(string name)
    {
        using var parser = new TextFieldParser(RealData.File("stsb_en", name).Path)
        {
            Delimiters = [","],
            HasFieldsEnclosedInQuotes = true,
        };
        var pairs = new List<(string, string, double)>();
        while (parser.ReadFields() is { } fields)
        {
            pairs.Add((fields[0], fields[1], double.Parse(fields[2], CultureInfo.InvariantCulture)));
        }

        return pairs;
    }
}
