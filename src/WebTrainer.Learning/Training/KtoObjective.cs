using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// KTO (arXiv:2402.01306): see <see cref="PreferenceLosses.Kto"/>. How far the model has moved is measured anew in each step, by the
/// answers of the step's rows, each behind the prompt of another; it is a mean over the whole step, so that how rows are spread over passes
/// changes nothing.
/// </summary>
public sealed class KtoObjective(CausalLM model, LoraAdapter adapter, ObjectiveSpec objective, int paddingId) : PreferenceObjective(model)
{
    private readonly AnswerLikelihood _likelihood = new(model, adapter);
    private double _moved;

    /// <summary>The rows themselves: each is an answer of its own.</summary>
    public override IReadOnlyList<TokenRow> Sequences(IReadOnlyList<TokenRow> rows) => rows;

    /// <summary>
    /// Measures how far the model has moved, z: the mean gain of the step's answers, each behind another row's prompt, at least 0. It takes
    /// a forward pass without gradients for each pass; of a single row z is 0.
    /// </summary>
    public override void Begin(IReadOnlyList<IReadOnlyList<TokenRow>> passes)
    {
        List<TokenRow> rows = [.. passes.SelectMany(pass => pass)];
        if (rows.Count < 2)
        {
            _moved = 0; // a row alone has no other's answer
            return;
        }

        using var _ = no_grad();
        var training = Model.Training;
        Model.Training = false;
        var (first, sum) = (0, 0.0);
        foreach (var pass in passes)
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of(
                [.. pass.Select((row, i) => Mismatch(row, rows[(first + i + 1) % rows.Count]))],
                paddingId,
                Model.Device
            );
            sum += _likelihood.Gains(batch).sum().item<float>();
            first += pass.Count;
        }

        Model.Training = training;
        _moved = Math.Max(0, sum / rows.Count);
    }

    /// <summary>A prompt with the answer of another row; never longer than the longer of both rows.</summary>
    internal static TokenRow Mismatch(TokenRow prompt, TokenRow answer)
    {
        var room = Math.Max(prompt.Tokens.Length, answer.Tokens.Length) - answer.LearnedTokens;
        var kept = prompt.Tokens.AsSpan(0, prompt.AnswerStart);
        kept = kept[Math.Max(0, kept.Length - room)..];
        return new(prompt.Id, [.. kept, .. answer.Tokens.AsSpan(answer.AnswerStart)], kept.Length);
    }

    private protected override (Tensor Loss, Tensor Right) Compare(Batch batch, double divisor)
    {
        Tensor Each(Func<bool, double> value) =>
            tensor([.. batch.Rows.Select(row => (float)value(row.Wanted == true))], device: Model.Device);
        var (gains, signs) = (_likelihood.Gains(batch), Each(wanted => wanted ? 1 : -1));
        var weights = Each(wanted => wanted ? objective.WantedWeight : objective.UnwantedWeight);
        var losses = PreferenceLosses.Kto(gains, signs, weights, _moved, objective.Beta);
        return (losses.sum().Times(1 / divisor), gains * signs > 0);
    }
}
