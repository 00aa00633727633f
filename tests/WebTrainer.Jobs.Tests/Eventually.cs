namespace WebTrainer.Jobs.Tests;

/// <summary>Waits for a condition instead of for a time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> isRight)
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (true)
        {
            var value = await read();
            if (isRight(value))
            {
                return value;
            }

            Assert.False(limit.IsCancellationRequested, $"Not in {s_patience}. Last seen: {value}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition) => GetAsync(() => Task.FromResult(condition()), isTrue => isTrue);
}
