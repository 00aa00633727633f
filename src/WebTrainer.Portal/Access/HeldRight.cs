using System.Runtime.CompilerServices;

namespace WebTrainer.Portal.Access;

/// <summary>
/// A right that something long stands on, a stream or an open page, from <see cref="RightsWatch.Hold(Caller)"/> until it is disposed.
/// </summary>
public sealed class HeldRight : IDisposable
{
    // Never disposed, for a check may cancel it while its owner leaves; it has neither timer nor handle.
    private readonly CancellationTokenSource _lost = new();
    private readonly Action<Standings> _demand;
    private readonly Action<HeldRight> _letGo;

    internal HeldRight(Caller? caller, Guid? key, Action<Standings> demand, Action<HeldRight> letGo) =>
        (Caller, Key, _demand, _letGo) = (caller, key, demand, letGo);

    internal Caller? Caller { get; }

    internal Guid? Key { get; }

    /// <summary>Is cancelled when the right has ended.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Why it ended; null while it holds.</summary>
    public Exception? Refusal { get; private set; }

    /// <summary>Gives what a stream gives while the right holds.</summary>
    /// <param name="open">The stream, which must end when it is cancelled.</param>
    /// <exception cref="NotFoundException">The right ended.</exception>
    /// <exception cref="ForbiddenException">The right ended.</exception>
    public async IAsyncEnumerable<T> WhileHeldAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> open,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Lost);
        await using var items = open(either.Token).GetAsyncEnumerator(either.Token);
        while (await NextAsync(items, cancellationToken))
        {
            yield return items.Current;
        }
    }

    public void Dispose() => _letGo(this);

    internal void Check(Standings now)
    {
        if (Refusal is not null)
        {
            return;
        }

        try
        {
            _demand(now);
        }
        catch (Exception ex) when (ex is NotFoundException or ForbiddenException)
        {
            Refusal = ex;
            _lost.Cancel();
        }
    }

    private async Task<bool> NextAsync<T>(IAsyncEnumerator<T> items, CancellationToken cancellationToken)
    {
        try
        {
            var there = await items.MoveNextAsync();
            return Refusal is null ? there : throw Refusal;
        }
        catch (OperationCanceledException) when (Refusal is not null && !cancellationToken.IsCancellationRequested)
        {
            throw Refusal;
        }
    }
}
