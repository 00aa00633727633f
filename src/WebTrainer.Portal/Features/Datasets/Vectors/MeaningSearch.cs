using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Data.Files;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <summary>Rows of a version whose prompts mean what a text means, by the vectors that are kept. Rights are the caller's matter.</summary>
public sealed class MeaningSearch(FileStore store, VectorShelf shelf, InstalledEncoders encoders)
{
    /// <summary>The nearest rows that are given; those farther off mean something else anyhow.</summary>
    public const int MostFound = 1_000;

    /// <summary>Positions of the rows, the nearest first. By the built-in embedder where its vectors are kept, for it answers at once; else by
    /// a model, whose worker takes seconds to start.</summary>
    /// <returns>Null where the version has no vectors.</returns>
    /// <exception cref="Pipeline.DataProblemException">The model that made the vectors is gone.</exception>
    public async Task<IReadOnlyList<long>?> FindAsync(string sha256, string text, CancellationToken cancellationToken)
    {
        var kept =
            await shelf.ReadAsync(sha256, VectorSource.BuiltIn, cancellationToken)
            ?? await shelf.ReadAsync(sha256, encoder: null, cancellationToken);
        if (kept is null)
        {
            return null;
        }

        var vector = await VectorAsync(kept, text, cancellationToken);
        return await Task.Run(
            () =>
                (IReadOnlyList<long>)
                    [.. new NearestRows(kept).To(vector, MostFound).Where(n => n.Likeness > 0).Select(n => (long)n.Position)],
            cancellationToken
        );
    }

    private async Task<sbyte[]> VectorAsync(KeptVectors kept, string text, CancellationToken cancellationToken)
    {
        var vector = new sbyte[kept.Dimensions];
        if (kept.Source.Learned is { } embedder)
        {
            embedder.Embed(text, vector);
            return vector;
        }

        var name = kept.Source.Encoder;
        if (encoders.SourceOf(name) != kept.Source || !encoders.All(brief: true).TryGetValue(name, out var encode))
        {
            throw new Pipeline.DataProblemException(
                $"The encoder '{name}' that made the vectors is gone or has changed. Make vectors again."
            );
        }

        var (texts, made) = (store.NewTemporaryPath(), store.NewTemporaryPath());
        try
        {
            await File.WriteAllTextAsync(texts, JsonSerializer.Serialize(text, ProtocolJson.Line) + "\n", cancellationToken);
            await encode(texts, made, progress: null, cancellationToken);
            var bytes = await File.ReadAllBytesAsync(made, cancellationToken);
            MemoryMarshal.Cast<byte, sbyte>(bytes).CopyTo(vector);
            return vector;
        }
        finally
        {
            File.Delete(texts);
            File.Delete(made);
        }
    }
}
