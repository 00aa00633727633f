using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>
/// Texts a second of an encoder of the shape of MiniLM (6 layers, width 384, 12 heads, 1,536 inside, 30,000 words), random weights.
/// </summary>
internal sealed class EmbeddingMeasure : IDisposable
{
    private const int Texts = 800,
        WordsOfText = 28,
        BatchRows = 136;
    private readonly MiniLmShape _shape = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("embedding-").FullName;
    private readonly string _model;
    private readonly string[] _texts;

    public EmbeddingMeasure()
    {
        var words = _shape.Words;
        _model = _shape.Path;
        _texts =
        [
            .. Enumerable
                .Range(0, Texts)
                .Select(i =>
                    string.Join(' ', Enumerable.Range(0, WordsOfText).Select(j => words[((i * 7919) + (j * 104_729)) % words.Length]))
                ),
        ];
    }

    public void Dispose()
    {
        _shape.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public void Run()
    {
        var (narrow, wide) = (
            SentenceEncoder.Load(_model, ScalarType.BFloat16, CPU),
            SentenceEncoder.Load(_model, ScalarType.Float32, CPU)
        );
        int[][] tokens = [.. _texts.Select(text => narrow.Encode(text).Tokens)];
        var (bf16, fp32) = Measure.Beside(() => Bare(narrow, tokens), () => Bare(wide, tokens));
        Console.WriteLine(
            $"| forward passes of {Texts} texts of {tokens.Average(text => text.Length):F0} tokens, bf16 and fp32 | {bf16:F0} and {fp32:F0} texts/s | |"
        );
        using var near = narrow.Embed(tokens[..BatchRows]);
        using var exact = wide.Embed(tokens[..BatchRows]);
        var apart = (near.matmul(near.t()) - exact.matmul(exact.t())).abs().max().item<float>();
        Console.WriteLine($"| largest difference of two texts' cosine between them | {apart:F4} | |");
        var (job, passes) = Measure.Beside(Job, () => Bare(narrow, tokens));
        Console.WriteLine($"| the whole job ÷ forward passes in bf16 | {job / passes:F2} | {job:F0} and {passes:F0} texts/s |");
    }

    private static double Bare(SentenceEncoder encoder, int[][] tokens)
    {
        var watch = Stopwatch.StartNew();
        foreach (var batch in tokens.Chunk(BatchRows))
        {
            encoder.Embed(batch).Dispose();
        }

        return tokens.Length / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Loading, cutting into tokens, passes, rounding and writing.</summary>
    private double Job()
    {
        var folder = new RunFolder(Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName);
        File.WriteAllLines(folder.Texts, _texts.Select(text => JsonSerializer.Serialize(text)));
        using var events = new EventWriter(folder.Events);
        var spec = new EmbedSpec { BaseModel = _model };
        var watch = Stopwatch.StartNew();
        new EmbedJob(new JobContext<EmbedSpec>(folder, spec, events, new ControlReader(folder.Control, DateTimeOffset.MinValue))).Run(
            CancellationToken.None
        );
        return _texts.Length / watch.Elapsed.TotalSeconds;
    }
}
