using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// Direct preference optimisation (DPO, arXiv:2305.18290): of each pair, <c>-log σ(β·[log π(chosen)/π₀(chosen) - log
/// π(rejected)/π₀(rejected)])</c>, where π₀ is the base without the adapter. The base is in memory anyway, so it costs a second forward
/// pass and no second model.
/// </summary>
public sealed class PreferenceObjective(CausalLM model, LoraAdapter adapter, double beta) : IObjective
{
    public double Count(TokenRow row) => 1;

    /// <summary>The chosen answers of all rows, then the rejected ones.</summary>
    public IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows) => [.. rows, .. rows.Select(row => row.Rejected!)];

    public Tensor Share(Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        return nn.functional.softplus(-Margins(batch)).sum().Times(1 / divisor).MoveToOuterDisposeScope(); // -log σ(m) = log(1 + exp(-m))
    }

    /// <summary>Judges without learning.</summary>
    /// <returns>Mean loss of a pair, and the share of pairs whose chosen answer has gained more on the base than the rejected
    /// one.</returns>
    public (double Loss, double Accuracy) Judge(IReadOnlyList<TokenRow> rows, int paddingId, CancellationToken cancellationToken)
    {
        const int PairsAtOnce = 8;
        using var _ = no_grad();
        model.Training = false;
        var (loss, right) = (0.0, 0L);
        foreach (var group in rows.Chunk(PairsAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(Sequences(group), paddingId, model.Device);
            var margins = Margins(batch);
            loss += nn.functional.softplus(-margins).sum().item<float>();
            right += (margins > 0).sum().item<long>();
        }

        return (loss / rows.Count, (double)right / rows.Count);
    }

    /// <returns>β · (gain of the chosen - gain of the rejected), <c>[pairs]</c></returns>
    private Tensor Margins(Batch batch)
    {
        using var scope = NewDisposeScope();
        var gains = LogLikelihoods(batch).sub(OfBase(batch)).Times(beta); // [2 · pairs]
        var pairs = gains.shape[0] / 2;
        return (gains.narrow(0, 0, pairs) - gains.narrow(0, pairs, pairs)).MoveToOuterDisposeScope();
    }

    private Tensor OfBase(Batch batch)
    {
        using var _ = no_grad();
        var training = model.Training;
        LoraAdapter.Detach(model);
        model.Training = false;
        var likelihoods = LogLikelihoods(batch);
        adapter.Attach(model);
        model.Training = training;
        return likelihoods;
    }

    /// <returns>log p of each sequence's answer, <c>[sequences]</c></returns>
    private Tensor LogLikelihoods(Batch batch)
    {
        var rows = batch.Sources.div(batch.Ids.shape[1], RoundingMode.floor);
        return zeros([batch.Ids.shape[0]], device: model.Device).index_add(0, rows, AnswerLoss.PerToken(model, batch), alpha: -1);
    }
}
