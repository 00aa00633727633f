using TorchSharp;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

/// <summary>
/// Losses of preference training, of each pair or answer, in nats where they are logarithms. A gain is <c>log π(answer) - log
/// π₀(answer)</c>, where π₀ is the base. All take and give float tensors <c>[pairs]</c> or <c>[answers]</c> in the scope of the caller.
/// </summary>
public static class PreferenceLosses
{
    /// <summary>A probability of 1 has no odds; the nearest float32 below it has.</summary>
    private const double NearlySure = -6e-8;

    /// <summary>DPO (arXiv:2305.18290, equation 7): <c>-log σ(m)</c>.</summary>
    /// <param name="margin">m = β·(gain of the chosen - gain of the rejected).</param>
    public static Tensor Dpo(Tensor margin) => nn.functional.softplus(-margin);

    /// <summary>
    /// Robust DPO (arXiv:2403.00409, equation 12): <c>((1-ε)·(-log σ(m)) + ε·log σ(-m)) / (1-2ε)</c>, whose mean over pairs of which ε are
    /// the wrong way round is DPO's over the right ones.
    /// </summary>
    /// <param name="margin">As in <see cref="Dpo"/>.</param>
    /// <param name="flipped">ε, 0 to below a half.</param>
    public static Tensor RobustDpo(Tensor margin, double flipped) =>
        Dpo(margin).Times((1 - flipped) / (1 - (2 * flipped))) - Dpo(-margin).Times(flipped / (1 - (2 * flipped)));

    /// <summary>
    /// IPO (arXiv:2310.12036, equation 17): <c>(h - 1/(2τ))²</c>, where h is the difference of both gains; each is a mean over its answer's
    /// tokens, as TRL takes it on the advice of the paper's authors.
    /// </summary>
    /// <param name="chosen">Gain a token.</param>
    /// <param name="rejected">Gain a token.</param>
    /// <param name="tau">τ, above 0: the lower, the further apart the answers are drawn.</param>
    public static Tensor Ipo(Tensor chosen, Tensor rejected, double tau)
    {
        var missed = (chosen - rejected).Plus(-1 / (2 * tau));
        return missed * missed;
    }

    /// <summary>SimPO (arXiv:2405.14734, equation 6): <c>-log σ(β·(log π(chosen)/tokens - log π(rejected)/tokens) - γ)</c>.</summary>
    /// <param name="chosen">log π a token.</param>
    /// <param name="rejected">log π a token.</param>
    /// <param name="beta">β, above 0.</param>
    /// <param name="margin">γ, at least 0.</param>
    public static Tensor SimPo(Tensor chosen, Tensor rejected, double beta, double margin) =>
        Dpo((chosen - rejected).Times(beta).Plus(-margin));

    /// <summary>
    /// The pairs' part of ORPO (arXiv:2403.07691, equations 3 and 7): <c>-log σ(log odds(chosen) - log odds(rejected))</c>, with <c>odds =
    /// p / (1 - p)</c> of the geometric mean p of an answer's tokens.
    /// </summary>
    /// <param name="chosen">log π a token.</param>
    /// <param name="rejected">log π a token.</param>
    public static Tensor OddsRatio(Tensor chosen, Tensor rejected) => Dpo(LogOdds(chosen) - LogOdds(rejected));

    /// <summary>
    /// KTO (arXiv:2402.01306, equation 8): <c>1 - σ(β·(gain - z))</c> of a wanted answer, <c>1 - σ(β·(z - gain))</c> of an unwanted one,
    /// each times its weight. z is how far the model has moved from the base, by answers that belong to other prompts; it isn't learned
    /// from.
    /// </summary>
    /// <param name="gains">Of each answer.</param>
    /// <param name="signs">1 for a wanted answer, -1 for an unwanted one.</param>
    /// <param name="weights">What each answer counts.</param>
    /// <param name="moved">z, at least 0.</param>
    /// <param name="beta">β, above 0.</param>
    public static Tensor Kto(Tensor gains, Tensor signs, Tensor weights, double moved, double beta) =>
        (signs * gains.Plus(-moved)).Times(-beta).sigmoid() * weights;

    /// <param name="logs">Logarithms of probabilities.</param>
    private static Tensor LogOdds(Tensor logs)
    {
        using Scalar most = NearlySure;
        var below = logs.clamp_max(most);
        return logs - below.expm1().neg().log();
    }
}
