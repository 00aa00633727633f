using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Embedding;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Vectors;

/// <summary>What was made, and what could be taken from an earlier version.</summary>
/// <param name="Rows">Rows of the version.</param>
/// <param name="Texts">Texts that differ.</param>
/// <param name="Reused">Of these, those whose vectors an earlier version had.</param>
/// <param name="Truncated">Of those embedded now, texts of which only the beginning was read.</param>
public sealed record VectorReport(int Rows, int Texts, int Reused, long Truncated)
{
    /// <summary>Texts whose vectors were made now.</summary>
    public int Embedded => Texts - Reused;
}

/// <summary>Makes a vector of each prompt of a version; those that an earlier version has are taken from it.</summary>
/// <param name="limits">What rows are read by.</param>
/// <param name="newFile">Gives a new path for a file that is needed meanwhile.</param>
public sealed class VectorMaker(ImportLimits limits, Func<string> newFile)
{
    private const int BatchTexts = 4_096;
    private const int Lanes = 16;

    /// <summary>
    /// The embedder of the program weighs words by how many texts have them. As long as this share of the texts was met before, what it has
    /// learned of them stands; below it learns anew.
    /// </summary>
    private const double KnownShare = 0.5;

    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="source">By what; what it learned is found here.</param>
    /// <param name="encode">Null for the embedder of the program.</param>
    /// <param name="earlier">Vectors of another version by the same encoder; null where there are none.</param>
    /// <exception cref="DataProblemException">The encoder made vectors of other texts than it was given.</exception>
    public async Task<(KeptVectors Vectors, VectorReport Report)> MakeAsync(
        string version,
        VectorSource source,
        TextEncoding? encode,
        KeptVectors? earlier,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(source);
        var usable = earlier is not null && earlier.Source.IsSameEncoder(source) ? earlier : null;
        var (keys, textOf) = await KeysAsync(version, progress, cancellationToken);
        var known = usable is null ? 0 : keys.Keys.Count(key => usable.TryFind(key, out _));
        if (encode is null && known < keys.Count * KnownShare)
        {
            (usable, known) = (null, 0);
        }

        var (vectors, dimensions, truncated) = encode is null
            ? await EmbedAsync(version, source, keys, usable, progress, cancellationToken)
            : await EncodeAsync(version, source, encode, keys, usable, progress, cancellationToken);
        return (
            new KeptVectors(vectors.Source, dimensions, [.. keys.OrderBy(k => k.Value).Select(k => k.Key)], vectors.Values, textOf),
            new VectorReport(textOf.Length, keys.Count, known, truncated)
        );
    }

    /// <summary>Whether a text says anything that can be compared.</summary>
    internal static bool Says(string text) => text.Any(c => char.IsLetterOrDigit(c) || char.IsSurrogate(c));

    private async Task<(Dictionary<UInt128, int> Keys, int[] TextOf)> KeysAsync(
        string version,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var keys = new Dictionary<UInt128, int>();
        var textOf = new List<int>();
        await foreach (var row in new VersionReader(limits).ReadAsync(version, cancellationToken: cancellationToken))
        {
            if (!Says(row.Prompt))
            {
                textOf.Add(KeptVectors.NoText);
                continue;
            }

            ref var text = ref CollectionsMarshal.GetValueRefOrAddDefault(keys, TextKey.Md5(row.Prompt), out var met);
            text = met ? text : keys.Count - 1;
            textOf.Add(text);
            if (textOf.Count % BatchTexts == 0)
            {
                progress?.Report(new WorkProgress("Reading rows", textOf.Count, 0));
            }
        }

        return (keys, [.. textOf]);
    }

    private async Task<((VectorSource Source, sbyte[] Values), int Dimensions, long Truncated)> EmbedAsync(
        string version,
        VectorSource source,
        Dictionary<UInt128, int> keys,
        KeptVectors? earlier,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var embedder = earlier?.Source.Learned;
        if (embedder is null)
        {
            embedder = new TextEmbedder();
            await foreach (var batch in NewTextsAsync(version, keys, earlier: null, cancellationToken))
            {
                progress?.Report(new WorkProgress("Learning which words are rare", 0, 0));
                Parallel.ForEach(batch, Options(cancellationToken), text => embedder.Learn(text.Text));
            }
        }

        var values = new sbyte[keys.Count * TextEmbedder.Dimensions];
        var made = Copy(earlier, keys, values, TextEmbedder.Dimensions);
        await foreach (var batch in NewTextsAsync(version, keys, earlier, cancellationToken))
        {
            Parallel.ForEach(
                batch,
                Options(cancellationToken),
                text => embedder.Embed(text.Text, values.AsSpan(text.Number * TextEmbedder.Dimensions, TextEmbedder.Dimensions))
            );
            made += batch.Count;
            progress?.Report(new WorkProgress("Making vectors", made, keys.Count));
        }

        return ((source with { Learned = embedder }, values), TextEmbedder.Dimensions, 0);
    }

    private async Task<((VectorSource Source, sbyte[] Values), int Dimensions, long Truncated)> EncodeAsync(
        string version,
        VectorSource source,
        TextEncoding encode,
        Dictionary<UInt128, int> keys,
        KeptVectors? earlier,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var (texts, vectors) = (newFile(), newFile());
        try
        {
            var order = await WriteTextsAsync(version, texts, keys, earlier, cancellationToken);
            if (order.Count == 0)
            {
                var padded = earlier?.Dimensions ?? Lanes;
                var copied = new sbyte[keys.Count * padded];
                Copy(earlier, keys, copied, padded);
                return ((source, copied), padded, 0);
            }

            var made = await encode(texts, vectors, progress, cancellationToken);
            if (made.Texts != order.Count || new FileInfo(vectors).Length != made.Texts * made.Dimensions)
            {
                throw new DataProblemException($"The encoder '{source.Encoder}' made vectors of other texts than it was given. Try again.");
            }

            var dimensions = (made.Dimensions + Lanes - 1) / Lanes * Lanes;
            if (earlier is not null && earlier.Dimensions != dimensions)
            {
                throw new DataProblemException(
                    $"The encoder '{source.Encoder}' makes vectors of another length than before. Give the changed model another name."
                );
            }

            var values = new sbyte[keys.Count * dimensions];
            Copy(earlier, keys, values, dimensions);
            await using var stream = File.OpenRead(vectors);
            foreach (var number in order)
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(number * dimensions, made.Dimensions)));
            }

            return ((source, values), dimensions, made.Truncated);
        }
        finally
        {
            File.Delete(texts);
            File.Delete(vectors);
        }
    }

    /// <returns>The numbers of the texts, in the order in which they were written.</returns>
    private async Task<List<int>> WriteTextsAsync(
        string version,
        string target,
        Dictionary<UInt128, int> keys,
        KeptVectors? earlier,
        CancellationToken cancellationToken
    )
    {
        var order = new List<int>();
        await using var stream = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
        await foreach (var batch in NewTextsAsync(version, keys, earlier, cancellationToken))
        {
            foreach (var (number, text) in batch)
            {
                stream.Write(JsonSerializer.SerializeToUtf8Bytes(text, ProtocolJson.Line));
                stream.WriteByte((byte)'\n');
                order.Add(number);
            }
        }

        return order;
    }

    /// <summary>Each text that no earlier version has, once, in batches.</summary>
    private async IAsyncEnumerable<List<(int Number, string Text)>> NewTextsAsync(
        string version,
        Dictionary<UInt128, int> keys,
        KeptVectors? earlier,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var met = new bool[keys.Count];
        var batch = new List<(int, string)>(BatchTexts);
        await foreach (var row in new VersionReader(limits).ReadAsync(version, cancellationToken: cancellationToken))
        {
            if (!Says(row.Prompt))
            {
                continue;
            }

            var key = TextKey.Md5(row.Prompt);
            var number = keys[key];
            if (met[number] || (earlier is not null && earlier.TryFind(key, out _)))
            {
                continue;
            }

            met[number] = true;
            batch.Add((number, row.Prompt));
            if (batch.Count == BatchTexts)
            {
                yield return batch;
                batch = new(BatchTexts);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <returns>How many texts had a vector.</returns>
    private static int Copy(KeptVectors? earlier, Dictionary<UInt128, int> keys, sbyte[] values, int dimensions)
    {
        if (earlier is null)
        {
            return 0;
        }

        var copied = 0;
        foreach (var (key, number) in keys)
        {
            if (earlier.TryFind(key, out var vector))
            {
                vector.CopyTo(values.AsSpan(number * dimensions, dimensions));
                copied++;
            }
        }

        return copied;
    }

    private static ParallelOptions Options(CancellationToken cancellationToken) => new() { CancellationToken = cancellationToken };
}
