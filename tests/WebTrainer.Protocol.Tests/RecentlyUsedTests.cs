using System.Collections.Concurrent;

namespace WebTrainer.Protocol.Tests;

public sealed class RecentlyUsedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AskedByManyAtOnce_IsMadeOnce()
    {
        var made = new ConcurrentBag<int>();
        using var gate = new ManualResetEventSlim();
        var kept = new RecentlyUsed<int, string>(
            2,
            key =>
            {
                made.Add(key);
                gate.Wait(TestContext.Current.CancellationToken);
                return $"value {key}";
            }
        );
        var asked = Enumerable.Range(0, 20).Select(_ => kept.GetAsync(7, Token)).ToList();
        gate.Set();
        Assert.All(await Task.WhenAll(asked), value => Assert.Equal("value 7", value));
        Assert.Single(made);
    }

    [Fact]
    public async Task UsedLongestAgo_IsMadeAnew()
    {
        var made = new List<int>();
        var kept = new RecentlyUsed<int, int>(
            2,
            key =>
            {
                made.Add(key);
                return key;
            }
        );
        foreach (var key in new[] { 1, 2, 1, 3, 1, 2 })
        {
            await kept.GetAsync(key, Token);
        }

        Assert.Equal([1, 2, 3, 2], made);
    }

    [Fact]
    public async Task WhatFailed_IsTriedAgain_AndForgottenIsMadeAnew()
    {
        var tries = 0;
        var kept = new RecentlyUsed<string, int>(4, _ => ++tries == 1 ? throw new IOException("not yet") : tries);
        await Assert.ThrowsAsync<IOException>(() => kept.GetAsync("a", Token));
        Assert.Equal(2, await kept.GetAsync("a", Token));
        Assert.Equal(2, await kept.GetAsync("a", Token));
        kept.Forget("a");
        Assert.Equal(3, await kept.GetAsync("a", Token));
    }

    [Fact]
    public async Task WhoStopsWaiting_DoesNotEndItForOthers()
    {
        using var gate = new ManualResetEventSlim();
        var kept = new RecentlyUsed<int, int>(
            1,
            key =>
            {
                gate.Wait(TestContext.Current.CancellationToken);
                return key;
            }
        );
        using var impatient = new CancellationTokenSource();
        var (first, second) = (kept.GetAsync(1, impatient.Token), kept.GetAsync(1, Token));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Set();
        Assert.Equal(1, await second);
    }
}
