using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// One weight's AdamW step in one pass over memory instead of seven operations. A step of an adapter changes dozens of small matrices, and
/// there the operations cost more than their arithmetic.
/// </summary>
internal static unsafe class AdamWKernel
{
    /// <summary>The kernel serves contiguous float32 tensors on the CPU; others take the tensor operations.</summary>
    public static bool Fits(Tensor weight, Tensor gradient) => IsPlain(weight) && IsPlain(gradient);

    public static bool IsPlain(Tensor tensor) =>
        tensor.device_type == TorchSharp.DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    /// <summary>
    /// <c>w ← decay·w; m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; w ← w - rate·m / (√v·scale + ε)</c>.
    /// </summary>
    /// <param name="weight">w, contiguous float32 on the CPU; changed in place.</param>
    /// <param name="gradient">g, as the weight.</param>
    /// <param name="moments">m and v, shaped as the weight.</param>
    /// <param name="settings">β₁, β₂ and ε.</param>
    /// <param name="decay">1 less rate times weight decay.</param>
    /// <param name="rate">The learning rate over 1 - β₁ᵗ.</param>
    /// <param name="scale">1 / √(1 - β₂ᵗ)</param>
    public static void Step(
        Tensor weight,
        Tensor gradient,
        (Tensor First, Tensor Second) moments,
        (float Beta1, float Beta2, float Epsilon) settings,
        float decay,
        float rate,
        float scale
    )
    {
        var (w, g) = ((nint)Kernel.Data(weight), (nint)Kernel.Data(gradient));
        var (m, v) = ((nint)Kernel.Data(moments.First), (nint)Kernel.Data(moments.Second));
        var (count, (beta1, beta2, epsilon)) = (weight.NumberOfElements, settings);
        Kernel.Rows(
            count / Kernel.Lanes,
            Kernel.Lanes,
            (_, begin, end) =>
            {
                var (one, two) = (Vector512.Create(beta1), Vector512.Create(beta2));
                for (var i = begin * Kernel.Lanes; i < end * Kernel.Lanes; i += Kernel.Lanes)
                {
                    var gradients = Vector512.Load((float*)g + i);
                    var first = (Vector512.Load((float*)m + i) * one) + (gradients * (1 - beta1));
                    var second = (Vector512.Load((float*)v + i) * two) + (gradients * gradients * (1 - beta2));
                    first.Store((float*)m + i);
                    second.Store((float*)v + i);
                    var divisor = (Vector512.Sqrt(second) * scale) + Vector512.Create(epsilon);
                    ((Vector512.Load((float*)w + i) * decay) - (first * rate / divisor)).Store((float*)w + i);
                }
            }
        );
        for (var i = count / Kernel.Lanes * Kernel.Lanes; i < count; i++)
        {
            var gradient1 = ((float*)g)[i];
            var first = ((float*)m)[i] = (((float*)m)[i] * beta1) + (gradient1 * (1 - beta1));
            var second = ((float*)v)[i] = (((float*)v)[i] * beta2) + (gradient1 * gradient1 * (1 - beta2));
            ((float*)w)[i] = (((float*)w)[i] * decay) - (first * rate / ((MathF.Sqrt(second) * scale) + epsilon));
        }
    }

    /// <summary>Σ x², in double, share by share in the same order whatever the machine is busy with.</summary>
    public static double SumOfSquares(Tensor tensor)
    {
        var (data, count) = ((nint)Kernel.Data(tensor), tensor.NumberOfElements);
        var sums = new double[Kernel.Shares];
        Kernel.Rows(
            count / Kernel.Lanes,
            Kernel.Lanes,
            (share, begin, end) =>
            {
                var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
                for (var i = begin * Kernel.Lanes; i < end * Kernel.Lanes; i += Kernel.Lanes)
                {
                    var (a, b) = Vector512.Widen(Vector512.Load((float*)data + i));
                    (low, high) = (low + (a * a), high + (b * b));
                }

                sums[share] = Vector512.Sum(low) + Vector512.Sum(high);
            }
        );
        var sum = sums.Sum();
        for (var i = count / Kernel.Lanes * Kernel.Lanes; i < count; i++)
        {
            sum += (double)((float*)data)[i] * ((float*)data)[i];
        }

        return sum;
    }
}
