using System.Globalization;
using System.Numerics;
using CsCheck;
using WebTrainer.Privacy.Paillier;

namespace WebTrainer.Privacy.Tests;

public sealed class PaillierTests(PaillierTests.Key key) : IClassFixture<PaillierTests.Key>
{
    [Fact]
    public void Numbers_Gold_AreThoseOfPythonPaillier()
    {
        foreach (var gold in Gold.Cases("paillier.json"))
        {
            BigInteger Number(string name) => BigInteger.Parse(gold.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
            var secret = new PaillierPrivateKey(Number("p"), Number("q"), maskBase: null, leastBits: 1);
            var open = secret.PublicKey;
            var (a, b) = (open.Encrypt(Number("a"), Number("r1")), open.Encrypt(Number("b"), Number("r2")));
            Assert.Equal(Number("enc_a"), a);
            Assert.Equal(Number("enc_b"), b);
            Assert.Equal(Number("enc_sum"), open.Add(a, b));
            Assert.Equal(Number("dec_sum"), secret.Decrypt(open.Add(a, b)));
            Assert.Equal(Number("dec_ka"), secret.Decrypt(open.Multiply(a, Number("k"))));
        }
    }

    [Fact]
    public void Key_BelowTheLeastLength_IsRefused()
    {
        Assert.Contains(
            "2048",
            Assert.Throws<PrivacyProblemException>(() => PaillierPrivateKey.Generate(1024)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<PrivacyProblemException>(() => new PaillierPublicKey((BigInteger.One << 2046) + 1));
        Assert.Throws<PrivacyProblemException>(() => new PaillierPrivateKey(7, 11));
        Assert.Throws<PrivacyProblemException>(() => new PaillierPublicKey(0));
        Assert.Equal(2048, key.Secret.PublicKey.N.GetBitLength());
    }

    [Fact]
    public void Numbers_AtTheEndsOfTheRange_ComeBack_AndBeyondAreRefused()
    {
        var open = key.Secret.PublicKey;
        foreach (var number in (BigInteger[])[0, 1, open.N - 1, open.N / 2])
        {
            var cipher = open.Encrypt(number);
            Assert.Equal(number, key.Secret.Decrypt(cipher));
            Assert.NotEqual(cipher, open.Encrypt(number));
        }

        Assert.Equal(0, key.Secret.Decrypt(open.Add(open.Encrypt(open.N - 1), open.Encrypt(1))));
        Assert.Throws<PrivacyProblemException>(() => open.Encrypt(open.N));
        Assert.Throws<PrivacyProblemException>(() => open.Encrypt(-1));
        Assert.Throws<PrivacyProblemException>(() => key.Secret.Decrypt(0));
        Assert.Throws<PrivacyProblemException>(() => key.Secret.Decrypt(open.NSquared));
    }

    /// <summary>A key whose owner gives no base of masks is used with r ⁿ.</summary>
    [Fact]
    public void Numbers_WithoutABaseOfMasks_ComeBack()
    {
        var open = new PaillierPublicKey(key.Secret.PublicKey.N);
        Assert.Null(open.MaskBase);
        Assert.Equal(5, key.Secret.Decrypt(open.Add(open.Encrypt(2), key.Secret.PublicKey.Encrypt(3))));
    }

    [Fact]
    public void FixedBase_OfAnyExponent_IsThePower()
    {
        var modulus = (BigInteger.One << 127) - 1;
        var power = new FixedBasePower(123456789, modulus, 64);
        Gen.Byte.Array[0, 8]
            .Sample(exponent =>
                Assert.Equal(BigInteger.ModPow(123456789, new BigInteger(exponent, isUnsigned: true), modulus), power.Of(exponent))
            );
    }

    [Fact]
    public void Vectors_Packed_SumWithinTheBound()
    {
        var (format, sites, values) = (new FixedPoint(4, 24), 10, 300);
        var packing = new PackedVectors(key.Secret.PublicKey, format, sites);
        Assert.Equal(2047 / 31, packing.SlotsOfCipher);
        var random = new Random(1);
        var vectors = Enumerable
            .Range(0, sites)
            .Select(_ => Enumerable.Range(0, values).Select(_ => random.NextDouble() * 8 - 4).ToArray())
            .ToList();
        vectors[0][0] = 4;
        vectors[1][0] = -4;
        var sum = packing.Decrypt(key.Secret, packing.Add([.. vectors.Select(packing.Encrypt)]), sites, values);
        Assert.Equal(values, sum.Length);
        for (var i = 0; i < values; i++)
        {
            Assert.Equal(vectors.Sum(v => v[i]), sum[i], format.ErrorOf(sites) + 1e-12);
        }
    }

    [Fact]
    public void Vectors_OfExtremes_ComeBack()
    {
        var packing = new PackedVectors(key.Secret.PublicKey, new FixedPoint(1, 20), 3);
        foreach (var extreme in (double[])[1, -1, 0])
        {
            var vector = packing.Encrypt(Enumerable.Repeat(extreme, 100).ToArray());
            Assert.All(packing.Decrypt(key.Secret, packing.Add([vector, vector, vector]), 3, 100), v => Assert.Equal(3 * extreme, v));
        }
    }

    [Fact]
    public void Vectors_ThatDontFit_AreRefused()
    {
        var packing = new PackedVectors(key.Secret.PublicKey, new FixedPoint(1, 20), 2);
        Assert.Contains(
            "Value 1",
            Assert.Throws<AggregateException>(() => packing.Encrypt([0, 1.5])).InnerException!.Message,
            StringComparison.Ordinal
        );
        Assert.Throws<AggregateException>(() => packing.Encrypt([double.NaN]));
        var vector = packing.Encrypt([1]);
        Assert.Throws<PrivacyProblemException>(() => packing.Add([vector, vector, vector]));
        Assert.Throws<PrivacyProblemException>(() => packing.Decrypt(key.Secret, vector, 3, 1));
        Assert.Throws<PrivacyProblemException>(() => packing.Decrypt(key.Secret, vector, 1, 1000));
        Assert.Throws<PrivacyProblemException>(() => new PackedVectors(key.Secret.PublicKey, new FixedPoint(1e9, 52), 2));
        Assert.Throws<PrivacyProblemException>(() => new FixedPoint(-1, 3).Checked());
    }

    /// <summary>One key for all tests: making one takes about a second.</summary>
    public sealed class Key
    {
        public PaillierPrivateKey Secret { get; } = PaillierPrivateKey.Generate();
    }
}
