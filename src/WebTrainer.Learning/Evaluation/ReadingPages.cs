using System.IO.Compression;
using System.Text;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// Two pages that were written for this program and stand nowhere else, by which a decoder shows that it is read as it was meant: weights
/// in a wrong order or a wrong rotation load and answer, and predict nothing. Bits a byte compare models of any tokenizer.
/// </summary>
internal static class ReadingPages
{
    /// <summary>What is in sight where only what stands right before a token is.</summary>
    private const int NearTokens = 8;

    /// <summary>Every so manieth token is asked that way; each costs a sequence of its own.</summary>
    private const int EachOf = 2;
    private const int AtOnce = 64;
    private const float Ln2 = 0.693147181f;

    /// <summary>Language and text of each page.</summary>
    public static IReadOnlyList<(string Language, string Text)> All { get; } =
    [("English", Read("english.txt")), ("Persian", Read("persian.txt"))];

    /// <summary>How well a decoder predicts each page.</summary>
    public static IReadOnlyList<PageReading> Measure(CausalLM model, TextTokenizer tokenizer, CancellationToken cancellationToken)
    {
        using var _ = inference_mode();
        model.Training = false;
        return [.. All.Select(page => Measure(model, tokenizer, page.Language, page.Text, cancellationToken))];
    }

    private static PageReading Measure(
        CausalLM model,
        TextTokenizer tokenizer,
        string language,
        string text,
        CancellationToken cancellationToken
    )
    {
        var all = tokenizer.Encode(text);
        var prefix = tokenizer.BeginId ?? tokenizer.EndId ?? all[0];
        // A context shorter than the page reads its beginning.
        long[] tokens = [prefix, .. all.Take(model.Config.ContextTokens - 1).Select(id => (long)id)];
        var whole = Bits(model, [tokens], tokens.Length - 1);
        var (near, far) = (0.0, 0.0);
        List<int> asked = [.. Enumerable.Range(1, tokens.Length - 1).Where(place => place > NearTokens && place % EachOf == 0)];
        foreach (var places in asked.Chunk(AtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            near += Bits(model, [.. places.Select(place => (long[])[prefix, .. tokens[(place - NearTokens)..(place + 1)]])], 1).Sum();
            far += places.Sum(place => whole[place - 1]);
        }

        var bytes = (double)Encoding.UTF8.GetByteCount(text) * (tokens.Length - 1) / all.Count;
        return new(
            language,
            whole.Sum() / bytes,
            CountedBits(text, tokenizer),
            CompressedBits(text),
            (near - far) / Math.Max(1, asked.Count)
        );
    }

    /// <param name="model">Asked without dropout.</param>
    /// <param name="rows">Sequences of one length.</param>
    /// <param name="last">Tokens at the end of each that are asked about.</param>
    /// <returns>Bits of each asked token, row by row.</returns>
    private static float[] Bits(CausalLM model, IReadOnlyList<long[]> rows, int last)
    {
        using var scope = NewDisposeScope();
        var width = rows[0].Length - 1;
        var ids = tensor(rows.SelectMany(row => row[..^1]).ToArray(), [rows.Count, width], device: model.Device);
        var logits = model.Logits(model.Forward(ids).narrow(1, width - last, last)).flatten(0, 1).to(ScalarType.Float32);
        var wanted = tensor(rows.SelectMany(row => row[^last..]).ToArray(), device: model.Device);
        return
        [
            .. nn.functional.cross_entropy(logits, wanted, reduction: nn.Reduction.None).cpu().data<float>().Select(nats => nats / Ln2),
        ];
    }

    /// <summary>
    /// What somebody needs who knows nothing but how often each of the model's tokens stands on this page, bits a byte: the entropy of
    /// their counts. No model is told these counts; one that has learned the language needs less all the same, since it looks at what
    /// stands before.
    /// </summary>
    internal static double CountedBits(string text, TextTokenizer tokenizer)
    {
        var tokens = tokenizer.Encode(text);
        return tokens.CountBy(id => id).Sum(counted => -counted.Value * Math.Log2((double)counted.Value / tokens.Count))
            / Encoding.UTF8.GetByteCount(text);
    }

    /// <summary>
    /// What a compressor of texts in general needs, bits a byte: Brotli (RFC 7932) at its best. It has a dictionary of common words and has
    /// learned no language; a model that has learned one needs less.
    /// </summary>
    internal static double CompressedBits(string text)
    {
        const int Best = 11,
            Window = 22;
        var bytes = Encoding.UTF8.GetBytes(text);
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        return BrotliEncoder.TryCompress(bytes, packed, out var written, Best, Window)
            ? 8.0 * written / bytes.Length
            : throw new InvalidOperationException("The page can't be compressed.");
    }

    private static string Read(string name)
    {
        using var stream =
            typeof(ReadingPages).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The page {name} is missing from the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Trim();
    }
}
