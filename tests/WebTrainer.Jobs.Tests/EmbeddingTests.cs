using WebTrainer.Jobs.Kinds.Embed;
using WebTrainer.Jobs.Kinds.Plan;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Tests;

[Trait("Category", "Slow")]
public sealed class EmbeddingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Embed_Works_TakesTheTextsAndLeavesTheVectors()
    {
        await using var portal = await TestPortal.StartAsync();
        var (texts, vectors) = await TextsAsync(portal);

        var facts = await portal.Get<Errands>().DoAsync(new EmbedErrand(Spec("plain"), texts, vectors, Brief: false), Ct);

        Assert.Equal(new TextVectors(2, 1, 0, 8), facts);
        Assert.Equal([3, 5], await File.ReadAllBytesAsync(vectors, Ct));
        Assert.Equal([vectors], Directory.GetFileSystemEntries(portal.Data.Temporary));
    }

    [Fact]
    public async Task Embed_Cancelled_HasToldHowFarItWas_AndLeavesNothing()
    {
        await using var portal = await TestPortal.StartAsync();
        var (texts, vectors) = await TextsAsync(portal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        ProgressEvent? told = null;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            portal
                .Get<Errands>()
                .DoAsync(
                    new EmbedErrand(Spec("hanging"), texts, vectors, Brief: false)
                    {
                        Progress = new Told(now =>
                        {
                            told = now;
                            stop.Cancel();
                        }),
                    },
                    stop.Token
                )
        );

        Assert.Equal(("Making vectors", 1, 2), (told!.Stage, told.Done, told.Total));
        Assert.Empty(Directory.GetFileSystemEntries(portal.Data.Temporary));
    }

    [Fact]
    public async Task Embed_TooLong_IsGivenUpWithAdvice()
    {
        await using var portal = await TestPortal.StartAsync(options => options.EmbedTimeout = TimeSpan.FromMilliseconds(500));
        var (texts, vectors) = await TextsAsync(portal);

        var failed = await Assert.ThrowsAsync<JobFailedException>(() =>
            portal.Get<Errands>().DoAsync(new EmbedErrand(Spec("hanging"), texts, vectors, Brief: false), Ct)
        );

        Assert.Contains("took longer", failed.Message, StringComparison.Ordinal);
        Assert.Contains("smaller encoder", failed.Advice, StringComparison.Ordinal);
    }

    /// <summary>A dataset that takes hours must not keep people from planning runs and looking at previews.</summary>
    [Fact]
    public async Task Embed_LongOne_DoesNotStandInTheWayOfBriefOnesAndPlans()
    {
        await using var portal = await TestPortal.StartAsync();
        var (texts, vectors) = await TextsAsync(portal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var begun = new TaskCompletionSource();
        var running = portal
            .Get<Errands>()
            .DoAsync(
                new EmbedErrand(Spec("hanging"), texts, vectors, Brief: false) { Progress = new Told(_ => begun.TrySetResult()) },
                stop.Token
            );
        await begun.Task.WaitAsync(Ct);

        Assert.Equal(7, (await portal.Get<Errands>().DoAsync(new PlanErrand(Guid.Empty, TestPortal.Training(steps: 7)), Ct)).TotalSteps);
        var (few, theirs) = await TextsAsync(portal);
        Assert.Equal(2, (await portal.Get<Errands>().DoAsync(new EmbedErrand(Spec("plain"), few, theirs, Brief: true), Ct)).Texts);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static EmbedSpec Spec(string behaviour) => new() { BaseModel = behaviour };

    private static async Task<(string Texts, string Vectors)> TextsAsync(TestPortal portal)
    {
        var texts = Path.Combine(portal.Data.Temporary, Guid.NewGuid().ToString("N"));
        await File.WriteAllLinesAsync(texts, ["\"a\"", "\"bcd\""], Ct);
        return (texts, texts + ".vectors");
    }

    private sealed class Told(Action<ProgressEvent> told) : IProgress<ProgressEvent>
    {
        public void Report(ProgressEvent value) => told(value);
    }
}
