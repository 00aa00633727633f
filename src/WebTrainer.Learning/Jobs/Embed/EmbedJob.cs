using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>Makes a vector of each text of a file.</summary>
/// <remarks>
/// Vectors are written in eight bits a number: a quarter of the memory and file of float32, for cosines that differ by less than a
/// hundredth. Texts are put into batches by their length and tokens, in passes of a fixed size, so that the same texts give the same bytes
/// in whatever order they come.
/// </remarks>
public sealed class EmbedJob(JobContext<EmbedSpec> context) : IJob
{
    /// <summary>Tokens of a forward pass, padding counted.</summary>
    internal const int BatchTokens = 4096;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private readonly Stopwatch _watch = new();
    private TimeSpan _reported;

    /// <summary>
    /// Writes a vector of each text to <see cref="RunFolder.Vectors"/>, in the order of the file, and how many there are to
    /// <see cref="RunFolder.VectorFacts"/>.
    /// </summary>
    /// <returns>Completed.</returns>
    /// <exception cref="ModelFileException">The folder is no encoder whose way of making vectors is known here.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        var device = JobDevice.Prepare(context.Spec);
        var encoder = SentenceEncoder.Load(context.Spec.BaseModel, ComputeType.For(device), device, cancellationToken);
        var (texts, truncated) = ReadTexts(encoder, cancellationToken);
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.Write(context.Folder.Vectors, stream => Embed(encoder, texts, stream, cancellationToken));
        var facts = new TextVectors(texts.Count, encoder.Config.HiddenSize, truncated, encoder.MaximumTokens);
        AtomicFile.WriteAllText(context.Folder.VectorFacts, JsonSerializer.Serialize(facts, ProtocolJson.Document));
        return WorkerState.Completed;
    }

    /// <summary>Only tokens are kept: the texts themselves may fill the memory.</summary>
    private (List<int[]> Texts, long Truncated) ReadTexts(SentenceEncoder encoder, CancellationToken cancellationToken)
    {
        context.Events.Write(new ProgressEvent("Cutting texts into tokens", 0, 0, SecondsLeft: null));
        var (texts, truncated) = (new List<int[]>(), 0L);
        foreach (var line in File.ReadLines(context.Folder.Texts))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (tokens, cut) = encoder.Encode(Parse(line, texts.Count + 1));
            texts.Add(tokens);
            truncated += cut ? 1 : 0;
        }

        return (texts, truncated);
    }

    private static string Parse(string line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(line, ProtocolJson.Line)
                ?? throw new InvalidDataException($"Line {number} of the texts is null.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"Line {number} of the texts is no JSON string.", exception);
        }
    }

    private void Embed(SentenceEncoder encoder, List<int[]> texts, Stream stream, CancellationToken cancellationToken)
    {
        int[] order = [.. Enumerable.Range(0, texts.Count)];
        // The longest first: what doesn't fit into memory is known at once.
        Array.Sort(
            order,
            (x, y) => texts[x].Length != texts[y].Length ? texts[y].Length - texts[x].Length : texts[x].AsSpan().SequenceCompareTo(texts[y])
        );
        var (done, total) = (0L, texts.Sum(text => (long)text.Length));
        var vector = new sbyte[encoder.Config.HiddenSize];
        _watch.Restart();
        for (var next = 0; next < order.Length; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = order.AsSpan(next, Math.Min(Math.Max(1, BatchTokens / texts[order[next]].Length), order.Length - next)).ToArray();
            using var vectors = encoder.Embed([.. rows.Select(row => texts[row])]);
            var values = vectors.data<float>().ToArray();
            for (var i = 0; i < rows.Length; i++)
            {
                Quantise(values.AsSpan(i * vector.Length, vector.Length), vector);
                stream.Position = (long)rows[i] * vector.Length;
                stream.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
            }

            next += rows.Length;
            done += rows.Sum(row => (long)texts[row].Length);
            Report(done, total);
        }
    }

    /// <exception cref="ModelFileException">The encoder made no number of something.</exception>
    internal static void Quantise(ReadOnlySpan<float> values, Span<sbyte> vector)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = float.IsFinite(value)
                ? Math.Max(largest, Math.Abs(value))
                : throw new ModelFileException("The encoder gives values that are no numbers; its weights may be damaged.");
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = largest == 0 ? (sbyte)0 : (sbyte)MathF.Round(values[i] * (127 / largest));
        }
    }

    /// <summary>Tokens, not texts: their number is what the time goes by.</summary>
    private void Report(long done, long total)
    {
        if (done < total && _watch.Elapsed < _reported + s_interval)
        {
            return;
        }

        _reported = _watch.Elapsed;
        context.Events.Write(new ProgressEvent("Making vectors", done, total, _watch.Elapsed.TotalSeconds / done * (total - done)));
    }
}
