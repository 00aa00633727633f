using Microsoft.Extensions.VectorData;
using WebTrainer.Pipeline.Neighbours;
using WebTrainer.Pipeline.Vectors;

namespace WebTrainer.Pipeline.Tests.Vectors;

/// <summary>Kept vectors through the ecosystem's own abstraction.</summary>
public sealed class RowVectorsTests
{
    private static readonly string[] s_prompts = ["my card is lost", "the weather is fine", "where is my card", "a transfer failed"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static VectorStoreCollection<int, RowVector> Rows() => new RowVectors("rows", new NearestRows(s_prompts, Ct).Vectors);

    [Fact]
    public async Task Search_ByTextOrVector_GivesTheNearestFirst_WithCosines()
    {
        using var rows = Rows();
        var byText = await rows.SearchAsync("my card is lost", 2, cancellationToken: Ct).ToListAsync(Ct);
        Assert.Equal([0, 2], byText.Select(r => r.Record.Position));
        Assert.Equal(1, byText[0].Score!.Value, 1e-5);
        Assert.True(byText[0].Record.Vector.IsEmpty);
        var vector = (await rows.GetAsync(1, new() { IncludeVectors = true }, Ct))!.Vector;
        var byVector = await rows.SearchAsync(vector, 1, new() { IncludeVectors = true }, Ct).SingleAsync(Ct);
        Assert.Equal(1, byVector.Record.Position);
        Assert.True(byVector.Record.Vector.Span.SequenceEqual(vector.Span));
    }

    [Fact]
    public async Task Search_HoldsToFilterSkipAndThreshold()
    {
        using var rows = Rows();
        var filtered = await rows.SearchAsync(s_prompts[0], 1, new() { Filter = r => r.Position > 0 }, Ct).SingleAsync(Ct);
        Assert.Equal(2, filtered.Record.Position);
        Assert.Equal(2, (await rows.SearchAsync(s_prompts[0], 1, new() { Skip = 1 }, Ct).SingleAsync(Ct)).Record.Position);
        Assert.Single(await rows.SearchAsync(s_prompts[0], 4, new() { ScoreThreshold = 0.99 }, Ct).ToListAsync(Ct));
        Assert.Equal([2, 3], await rows.GetAsync(r => r.Position > 1, 5, cancellationToken: Ct).Select(r => r.Position).ToListAsync(Ct));
    }

    [Fact]
    public async Task Writing_AndWhatItCannotLookFor_IsRefused()
    {
        using var rows = Rows();
        Assert.True(await rows.CollectionExistsAsync(Ct));
        Assert.Null(await rows.GetAsync(99, cancellationToken: Ct));
        await Assert.ThrowsAsync<NotSupportedException>(() => rows.UpsertAsync(new RowVector(0, default), Ct));
        await Assert.ThrowsAsync<NotSupportedException>(() => rows.DeleteAsync(0, Ct));
        await Assert.ThrowsAsync<NotSupportedException>(() => rows.EnsureCollectionDeletedAsync(Ct));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await rows.SearchAsync(3.5, 1, cancellationToken: Ct).ToListAsync(Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await rows.SearchAsync((ReadOnlyMemory<sbyte>)new sbyte[3], 1, cancellationToken: Ct).ToListAsync(Ct)
        );
        using var none = new RowVectors("none", null);
        Assert.False(await none.CollectionExistsAsync(Ct));
        await Assert.ThrowsAsync<VectorStoreException>(() => none.GetAsync(0, cancellationToken: Ct));
    }
}
