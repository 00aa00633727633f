using WebTrainer.Learning.Batching;
using WebTrainer.Statistics;

namespace WebTrainer.Learning.Pretraining;

/// <summary>Cuts a stream of tokens into windows of the context's length, shuffled anew in each pass.</summary>
public sealed class WindowSource(ushort[] tokens, int contextTokens, int microBatch, int accumulation, int totalSteps, long seed)
    : IBatchSource
{
    private (int Epoch, int[] Order) _order = (-1, []);

    /// <inheritdoc/>
    public int TotalSteps => totalSteps;

    /// <inheritdoc/>
    public int StepsPerEpoch => (Windows + (microBatch * accumulation) - 1) / (microBatch * accumulation);

    private int Windows => (tokens.Length - 1) / contextTokens;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<TokenRow>> BatchesOf(int step)
    {
        var first = (long)(step - 1) * microBatch * accumulation;
        return
        [
            .. Enumerable
                .Range(0, accumulation)
                .Select(pass => Enumerable.Range(0, microBatch).Select(row => Window(first + (pass * microBatch) + row)).ToList()),
        ];
    }

    /// <inheritdoc/>
    public double EpochAfter(int step) => (double)step * microBatch * accumulation / Windows;

    private TokenRow Window(long index)
    {
        var epoch = (int)(index / Windows);
        if (_order.Epoch != epoch)
        {
            _order = (epoch, SplitMix.Of(seed, epoch).Permutation(Windows));
        }

        var start = _order.Order[(int)(index % Windows)] * contextTokens;
        var ids = new int[contextTokens + 1];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = tokens[start + i];
        }

        return new TokenRow("", ids, AnswerStart: 1);
    }
}
