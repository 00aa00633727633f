using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>Learns what people like better or want; a pair, or an answer of its own, counts 1.</summary>
public abstract class PreferenceObjective(CausalLM model) : IObjective
{
    private const int RowsAtOnce = 8;

    private protected CausalLM Model => model;

    /// <summary>1, whatever its length.</summary>
    public virtual double Count(TokenRow row) => 1;

    /// <inheritdoc/>
    public abstract IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows);

    /// <inheritdoc/>
    public virtual void Begin(IReadOnlyList<IReadOnlyList<TokenRow>> passes) { }

    /// <inheritdoc/>
    public Tensor Share(Batch batch, double divisor)
    {
        using var scope = NewDisposeScope();
        return Compare(batch, divisor).Loss.MoveToOuterDisposeScope();
    }

    /// <summary>Judges pairs or answers without gradients and dropout, a few rows at once.</summary>
    /// <returns>Mean loss of a pair or answer, and the share that is told rightly: pairs whose chosen answer stands above the rejected one
    /// by the measure of the loss, wanted answers that have gained on the base and unwanted ones that have lost.</returns>
    public (double Loss, double Accuracy) Measure(IReadOnlyList<TokenRow> rows, int paddingId, CancellationToken cancellationToken)
    {
        using var _ = no_grad();
        model.Training = false;
        var (loss, right) = (0.0, 0L);
        var groups = rows.Chunk(RowsAtOnce).ToList();
        Begin(groups);
        foreach (var group in groups)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(Sequences(group), paddingId, model.Device);
            var judged = Compare(batch, rows.Count);
            loss += judged.Loss.item<float>();
            right += judged.Right.sum().item<long>();
        }

        return (loss, (double)right / rows.Count);
    }

    /// <param name="objective">Says which loss, and its constants.</param>
    /// <param name="model">What learns.</param>
    /// <param name="adapter">Null where all weights learn, which only losses without the base allow.</param>
    /// <param name="paddingId">Token that fills short rows.</param>
    public static PreferenceObjective Of(ObjectiveSpec objective, CausalLM model, LoraAdapter? adapter, int paddingId) =>
        objective.Loss switch
        {
            PreferenceLoss.Kto => new KtoObjective(model, adapter!, objective, paddingId),
            PreferenceLoss.Orpo => new OrpoObjective(model, objective.Beta),
            _ => new PairObjective(model, adapter, objective),
        };

    /// <returns>The batch's share of the step's loss, a scalar, and which pairs or answers are told rightly, bool; both owned by the scope
    /// of the caller.</returns>
    private protected abstract (Tensor Loss, Tensor Right) Compare(Batch batch, double divisor);
}

/// <summary>Pairs by their gains on the base (DPO, robust DPO, IPO), or by their likelihoods alone (SimPO).</summary>
public sealed class PairObjective(CausalLM model, LoraAdapter? adapter, ObjectiveSpec objective) : PreferenceObjective(model)
{
    private readonly AnswerLikelihood _likelihood = new(model, adapter);

    /// <summary>The chosen answers of all rows, then the rejected ones.</summary>
    public override IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows) => [.. rows, .. rows.Select(row => row.Rejected!)];

    private protected override (Tensor Loss, Tensor Right) Compare(Batch batch, double divisor)
    {
        var measured = objective.Loss == PreferenceLoss.SimPo ? _likelihood.Of(batch) : _likelihood.Gains(batch); // [2 · pairs]
        if (objective.Loss is PreferenceLoss.SimPo or PreferenceLoss.Ipo)
        {
            measured = measured / _likelihood.Lengths(batch);
        }

        var pairs = measured.shape[0] / 2;
        var (chosen, rejected) = (measured.narrow(0, 0, pairs), measured.narrow(0, pairs, pairs));
        return (LossOf(chosen, rejected).sum().Times(1 / divisor), chosen > rejected);
    }

    private Tensor LossOf(Tensor chosen, Tensor rejected) =>
        objective.Loss switch
        {
            PreferenceLoss.Dpo => PreferenceLosses.Dpo((chosen - rejected).Times(objective.Beta)),
            PreferenceLoss.RobustDpo => PreferenceLosses.RobustDpo((chosen - rejected).Times(objective.Beta), objective.FlippedShare),
            PreferenceLoss.Ipo => PreferenceLosses.Ipo(chosen, rejected, objective.Beta),
            PreferenceLoss.SimPo => PreferenceLosses.SimPo(chosen, rejected, objective.SimPoBeta, objective.SimPoMargin),
            var other => throw new NotSupportedException($"{other} is no loss of pairs alone."),
        };
}
