using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>Against datasketch 1.x.</summary>
public sealed class MinHashTests
{
    [Fact]
    public void Signatures_AreThoseOfDatasketch_BitForBit()
    {
        var gold = Gold.Cases("minhash_lsh").Single(c => c.Text("kind") == "signatures");
        var a = gold.Texts("a").Select(v => ulong.Parse(v, CultureInfo.InvariantCulture)).ToList();
        var b = gold.Texts("b").Select(v => ulong.Parse(v, CultureInfo.InvariantCulture)).ToList();
        var given = new MinHasher(a, b);
        var seeded = new MinHasher(a.Count, uint.Parse(gold.GetProperty("seed").ToString(), CultureInfo.InvariantCulture));
        var docs = gold.Texts("docs");
        foreach (
            var (doc, expected) in docs.Zip(
                gold.GetProperty("signatures").EnumerateArray().Select(s => s.EnumerateArray().Select(v => v.GetUInt32()).ToArray())
            )
        )
        {
            Assert.Equal(expected, given.Signature(Shingles.Hash(doc)));
            Assert.Equal(expected, seeded.Signature(Shingles.Hash(doc)));
        }
    }

    [Fact]
    public void Similarity_IsTheEstimateOfDatasketch()
    {
        var gold = Gold.Cases("minhash_lsh").Single(c => c.Text("kind") == "signatures");
        var signatures = gold.Texts("docs").Select(d => new MinHasher(128).Signature(Shingles.Hash(d))).ToList();
        foreach (var pair in gold.GetProperty("pairs").EnumerateArray())
        {
            var estimate = MinHasher.Similarity(signatures[pair.GetProperty("i").GetInt32()], signatures[pair.GetProperty("j").GetInt32()]);
            Assert.Equal(pair.GetProperty("est").GetDouble(), estimate, 12);
        }
    }

    [Fact]
    public void Candidates_AreThoseOfDatasketch()
    {
        var gold = Gold.Cases("minhash_lsh").Single(c => c.Text("kind") == "signatures");
        var signatures = gold.Texts("docs").Select(d => (uint[]?)new MinHasher(128).Signature(Shingles.Hash(d))).ToArray();
        var bands = LshBands.For(gold.GetProperty("lsh_threshold").GetDouble(), 128);
        Assert.Equal(new LshBands(gold.GetProperty("bands").GetInt32(), gold.GetProperty("rows").GetInt32()), bands);
        var tables = Enumerable
            .Range(0, bands.Count)
            .Select(b => new BandTable(b * bands.Rows, bands.Rows, signatures.Length, signatures))
            .ToList();
        for (var i = 0; i < signatures.Length; i++)
        {
            tables.ForEach(t => t.Add(i));
        }

        var expected = gold.GetProperty("candidates")
            .EnumerateArray()
            .Select(c => c.EnumerateArray().Select(v => v.GetInt32()).ToArray())
            .ToList();
        for (var i = 0; i < signatures.Length; i++)
        {
            Assert.Equal(expected[i], tables.SelectMany(t => t.Find(signatures[i]!)).Distinct().Order());
        }
    }

    [Fact]
    public void Bands_AreThoseOfDatasketch()
    {
        foreach (var row in Gold.Cases("minhash_lsh").Single(c => c.Text("kind") == "optimal_param").GetProperty("table").EnumerateArray())
        {
            var bands = LshBands.For(row.GetProperty("threshold").GetDouble(), row.GetProperty("num_perm").GetInt32());
            Assert.Equal(new LshBands(row.GetProperty("b").GetInt32(), row.GetProperty("r").GetInt32()), bands);
        }
    }

    [Fact]
    public void Md5_IsThatOfTheTextsBytes()
    {
        var gold = Gold.Cases("minhash_lsh").Single(c => c.Text("kind") == "signatures");
        foreach (var (doc, md5) in gold.Texts("docs").Zip(gold.Texts("md5")))
        {
            Assert.Equal(md5, TextKey.Md5(doc).ToString("x32", CultureInfo.InvariantCulture));
        }
    }

#pragma warning disable CA5350 // The hash is the reference's choice and guards nothing.
    /// <summary>The vector paths, the framework's path for long words and the empty text, against the definition.</summary>
    [Fact]
    public void Shingles_OfAnyText_AreSha1OfWordsInARow() =>
        Gen.OneOf(Gen.String[Gen.Char["ab é\n"], 0, 60], Gen.String[Gen.Char["abcdefghij "], 0, 400])
            .Sample(text =>
            {
                var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                var expected =
                    words.Length == 0
                        ? []
                        : Enumerable
                            .Range(0, Math.Max(1, words.Length - 2))
                            .Select(i =>
                                BitConverter.ToUInt32(SHA1.HashData(Encoding.UTF8.GetBytes(string.Join(' ', words.Skip(i).Take(3)))))
                            );
                return expected.SequenceEqual(Shingles.Hash(text));
            });
#pragma warning restore CA5350

    [Fact]
    public void Signature_OfAnyNumberOfPermutations_IsThatOfTheDefinition() =>
        Gen.Select(Gen.Int[1, 40], Gen.UInt.Array[0, 20], Gen.ULong[1, (1UL << 61) - 2], Gen.ULong[0, (1UL << 61) - 2])
            .Sample(
                (permutations, hashes, a, b) =>
                {
                    var hasher = new MinHasher(Enumerable.Repeat(a, permutations).ToList(), Enumerable.Repeat(b, permutations).ToList());
                    var expected = hashes
                        .Select(h => (uint)(unchecked((a * h) + b) % ((1UL << 61) - 1)))
                        .DefaultIfEmpty(uint.MaxValue)
                        .Min();
                    return hasher.Signature(hashes).All(v => v == expected);
                }
            );

    [Theory]
    [InlineData("abcd", 1)]
    [InlineData("abcdef", 2)]
    [InlineData(" ab  cd ", 1)]
    [InlineData("کتاب‌ها", 3)]
    [InlineData("我的卡在哪里", 2)]
    [InlineData("  ", 0)]
    public void LetterSequences_CountLettersOfAnyWriting_NotBytes(string text, int sequences) =>
        Assert.Equal(sequences, Shingles.HashLetters(text).Length);

    [Fact]
    public void LetterSequences_OfEqualTexts_AreEqual_SpacesAside() =>
        Assert.Equal(Shingles.HashLetters("where is it"), Shingles.HashLetters(" where   is\nit"));
}
