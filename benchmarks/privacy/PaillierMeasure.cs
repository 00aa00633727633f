using System.Diagnostics;
using System.Numerics;
using WebTrainer.Privacy;
using WebTrainer.Privacy.Paillier;

namespace WebTrainer.Benchmarks.Privacy;

/// <summary>
/// Ten vectors of 10,000 values encrypted, added and decrypted, beside python-paillier's way in a plain loop: a ciphertext a value, r ⁿ by
/// exponentiation, decryption by CRT. The loop is measured on a part and reckoned up; a whole one takes hours.
/// </summary>
internal static class PaillierMeasure
{
    private const int Values = 10_000,
        Vectors = 10,
        Sample = 10;

    public static void Run()
    {
        var clock = Stopwatch.StartNew();
        var key = PaillierPrivateKey.Generate();
        Console.WriteLine($"key of 2,048 bits made, with its table, in {clock.Elapsed.TotalSeconds:0.0} s");
        var packing = new PackedVectors(key.PublicKey, new FixedPoint(8, 24), Vectors);
        var random = new Random(1);
        var vectors = Enumerable
            .Range(0, Vectors)
            .Select(_ => Enumerable.Range(0, Values).Select(_ => random.NextDouble() * 16 - 8).ToArray())
            .ToList();
        packing.Encrypt(vectors[0][..100]);

        clock.Restart();
        var encrypted = vectors.Select(packing.Encrypt).ToList();
        var encrypting = clock.Elapsed.TotalSeconds;
        var sum = packing.Add(encrypted);
        var adding = clock.Elapsed.TotalSeconds - encrypting;
        var result = packing.Decrypt(key, sum, Vectors, Values);
        var all = clock.Elapsed.TotalSeconds;
        var error = result.Select((value, i) => Math.Abs(value - vectors.Sum(v => v[i]))).Max();
        Console.WriteLine(
            $"packed ({packing.SlotsOfCipher} values a ciphertext, {sum.Length} ciphertexts a vector): encrypting {Vectors} vectors {encrypting:0.00} s, adding {adding:0.000} s, decrypting {all - encrypting - adding:0.00} s, all {all:0.00} s on {Environment.ProcessorCount} cores; largest error {error:0.0e+0}"
        );

        var plain = new PaillierPublicKey(key.PublicKey.N);
        clock.Restart();
        var ciphers = Enumerable.Range(0, Sample).Select(i => plain.Encrypt(i)).ToList();
        var encryptOne = clock.Elapsed.TotalSeconds / Sample;
        clock.Restart();
        for (var i = 1; i < Sample; i++)
        {
            plain.Add(ciphers[0], ciphers[i]);
        }

        var addOne = clock.Elapsed.TotalSeconds / (Sample - 1);
        clock.Restart();
        var numbers = ciphers.Select(key.Decrypt).Aggregate(BigInteger.Add);
        var decryptOne = clock.Elapsed.TotalSeconds / Sample;
        var loop = Values * (Vectors * encryptOne + (Vectors - 1) * addOne + decryptOne);
        Console.WriteLine(
            $"plain loop, one core: {encryptOne * 1000:0.0} ms to encrypt, {addOne * 1e6:0} µs to add, {decryptOne * 1000:0.0} ms to decrypt a value ({numbers}); for all {loop:N0} s, {loop / all:N0} times as long"
        );
    }
}
