using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Training;

internal static class GradientNorm
{
    /// <summary>
    /// Scales all gradients down together so that their joint L2 norm is at most <paramref name="maximum"/> (arXiv:1211.5063).
    /// </summary>
    /// <returns>The norm before scaling.</returns>
    public static double Clip(IReadOnlyList<TrainedParameter> parameters, double maximum)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradients = parameters.Select(parameter => parameter.Tensor.grad).OfType<Tensor>().ToList();
        var norm = Math.Sqrt(
            gradients.Sum(gradient =>
                AdamWKernel.IsPlain(gradient)
                    ? AdamWKernel.SumOfSquares(gradient)
                    : gradient.to(ScalarType.Float32).square().sum().item<float>()
            )
        );
        if (maximum > 0 && norm > maximum)
        {
            foreach (var gradient in gradients)
            {
                gradient.TimesInPlace(maximum / (norm + 1e-6));
            }
        }

        return norm;
    }
}
