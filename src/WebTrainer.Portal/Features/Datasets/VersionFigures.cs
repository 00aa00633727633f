using Microsoft.Extensions.Caching.Memory;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>What was counted of versions: they never change, so that once is enough.</summary>
public sealed class VersionFigures(IMemoryCache cache)
{
    // Versions never change: what was counted once is right for good.
    public async Task<T> OnceAsync<T>(string path, Func<Task<T>> count)
    {
        if (cache.TryGetValue((typeof(T), path), out T? known))
        {
            return known!;
        }

        return cache.Set((typeof(T), path), await count(), TimeSpan.FromHours(1));
    }
}
