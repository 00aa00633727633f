using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>How likely a model finds whole answers, and its base beside it.</summary>
/// <param name="model">With the adapter attached.</param>
/// <param name="adapter">Null where the base is not asked.</param>
internal sealed class AnswerLikelihood(CausalLM model, LoraAdapter? adapter)
{
    /// <returns>log π of each row's scored tokens, <c>[rows]</c>, owned by the scope of the caller.</returns>
    public Tensor Of(Batch batch)
    {
        using var scope = NewDisposeScope();
        var rows = batch.Sources.div(batch.Ids.shape[1], RoundingMode.floor);
        return zeros([batch.Ids.shape[0]], device: model.Device)
            .index_add(0, rows, AnswerLoss.PerToken(model, batch), alpha: -1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the answers have gained on the base, which is the model without its adapter, or with what that began at. It is in memory
    /// anyway, so it costs a second forward pass and no second model.
    /// </summary>
    /// <returns>log π - log π₀ of each row, <c>[rows]</c>, owned by the scope of the caller.</returns>
    public Tensor Gains(Batch batch)
    {
        using var scope = NewDisposeScope();
        return (Of(batch) - OfBase(batch)).MoveToOuterDisposeScope();
    }

    /// <returns>Tokens of each row's answer, <c>[rows]</c>, float32.</returns>
    public Tensor Lengths(Batch batch) => tensor([.. batch.Rows.Select(row => (float)row.LearnedTokens)], device: model.Device);

    private Tensor OfBase(Batch batch)
    {
        using var _ = no_grad();
        var training = model.Training;
        AdapterMix.Attach(model, [adapter!.Beginning]);
        model.Training = false;
        try
        {
            return Of(batch);
        }
        finally
        {
            adapter.Attach(model);
            model.Training = training;
        }
    }
}
