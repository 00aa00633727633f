using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.VectorData;
using WebTrainer.Data.Files;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <summary>Rows of a version whose prompts mean what a text means, by the vectors that are kept. Rights are the caller's matter.</summary>
public sealed class MeaningSearch(FileStore store, VectorShelf shelf, InstalledEncoders encoders)
{
    /// <summary>The nearest rows that are given; those farther off mean something else anyhow.</summary>
    public const int MostFound = 1_000;

    /// <summary>
    /// Positions of the rows, the nearest first. By the built-in embedder where its vectors are kept, for it answers at once; else by a
    /// model, whose worker takes seconds to start.
    /// </summary>
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
        using VectorStoreCollection<int, RowVector> rows = new RowVectors(sha256, kept);
        var found = new List<long>();
        await foreach (var near in rows.SearchAsync((ReadOnlyMemory<sbyte>)vector, MostFound, cancellationToken: cancellationToken))
        {
            if (near.Score > 0)
            {
                found.Add(near.Record.Position);
            }
        }

        return found;
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
