using System.Runtime.CompilerServices;

namespace WebTrainer.Pipeline;

internal static class OrderedParallel
{
    /// <summary>Works on several items at once, each on a thread of its own, and gives the results in the items' order.</summary>
    public static async IAsyncEnumerable<TResult> InOrder<T, TResult>(
        this IAsyncEnumerable<T> source,
        Func<T, TResult> work,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var atOnce = Environment.ProcessorCount + 1;
        var running = new Queue<Task<TResult>>(atOnce);
        try
        {
            await foreach (var item in source.WithCancellation(cancellationToken))
            {
                running.Enqueue(Task.Run(() => work(item), cancellationToken));
                if (running.Count == atOnce)
                {
                    yield return await running.Dequeue();
                }
            }

            while (running.TryDequeue(out var next))
            {
                yield return await next;
            }
        }
        finally
        {
            // Whoever stops early must not leave threads at work on what is being taken down.
            await Task.WhenAll((IEnumerable<Task>)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
