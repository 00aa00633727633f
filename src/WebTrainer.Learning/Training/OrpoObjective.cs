using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// ORPO (arXiv:2403.07691): <c>NLL + λ·mean of</c> <see cref="PreferenceLosses.OddsRatio"/>. The negative log-likelihood is a mean over all
/// tokens of the chosen texts, the prompts' too, as in TRL.
/// </summary>
/// <param name="model">Without a base to compare with: all of it may learn.</param>
/// <param name="weight">λ</param>
public sealed class OrpoObjective(CausalLM model, double weight) : PreferenceObjective(model)
{
    /// <summary>Scored tokens of all chosen texts of the step.</summary>
    private double _tokens = 1;

    /// <summary>Counts the scored tokens of all chosen texts of the step, over which the likelihood's mean is taken.</summary>
    public override void Begin(IReadOnlyList<IReadOnlyList<TokenRow>> passes) =>
        _tokens = passes.Sum(rows => rows.Sum(row => row.Tokens.Length - 1.0));

    /// <summary>The chosen texts of all rows, then the rejected ones.</summary>
    public override IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows) =>
        [.. rows.Select(row => row with { ScoresPrompt = true }), .. rows.Select(row => row.Rejected!)];

    private protected override (Tensor Loss, Tensor Right) Compare(Batch batch, double divisor)
    {
        var losses = AnswerLoss.PerToken(Model, batch); // [scored]
        var (rows, answers, chosen) = Places(batch);
        var lengths = tensor([.. batch.Rows.Select(row => (float)row.LearnedTokens)], device: Model.Device);
        var means = zeros([batch.Rows.Count], device: Model.Device).index_add(0, rows, losses * answers, alpha: -1) / lengths;
        var pairs = batch.Rows.Count / 2;
        var (better, worse) = (means.narrow(0, 0, pairs), means.narrow(0, pairs, pairs));
        var likelihood = (losses * chosen).sum().Times(1 / _tokens);
        return (likelihood.Plus(PreferenceLosses.OddsRatio(better, worse).sum().Times(weight / divisor)), better > worse);
    }

    /// <summary>Of each scored token: its row, whether it is the answer's, and whether its text is a chosen one.</summary>
    private (Tensor Rows, Tensor Answers, Tensor Chosen) Places(Batch batch)
    {
        var (rows, answers, chosen) = (new List<long>(), new List<float>(), new List<float>());
        for (var r = 0; r < batch.Rows.Count; r++)
        {
            var row = batch.Rows[r];
            for (var t = row.ScoresPrompt ? 1 : row.AnswerStart; t < row.Tokens.Length; t++)
            {
                rows.Add(r);
                answers.Add(t >= row.AnswerStart ? 1 : 0);
                chosen.Add(r < batch.Rows.Count / 2 ? 1 : 0);
            }
        }

        return (
            tensor(rows.ToArray(), device: Model.Device),
            tensor(answers.ToArray(), device: Model.Device),
            tensor(chosen.ToArray(), device: Model.Device)
        );
    }
}
