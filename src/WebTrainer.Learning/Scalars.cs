using TorchSharp;
using static TorchSharp.torch;

namespace WebTrainer.Learning;

/// <summary>
/// Arithmetic of tensors and numbers. TorchSharp makes a native scalar of each number, of tensor + tensor's factor too, and frees it
/// when the collector finds its wrapper unused, which can be while the native operation still reads it: a run then ends, after
/// hours, with "Exception raised from toBFloat16". Here a scalar lives until its operation is over.
/// </summary>
internal static class Scalars
{
    private static readonly Scalar s_one = 1;

    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, s_one);

    public static Tensor Plus(this Tensor a, double number)
    {
        using Scalar scalar = number;
        return a.add(scalar);
    }

    public static Tensor Times(this Tensor a, double factor)
    {
        using Scalar scalar = factor;
        return a.mul(scalar);
    }

    public static Tensor TimesInPlace(this Tensor a, double factor)
    {
        using Scalar scalar = factor;
        return a.mul_(scalar);
    }

    /// <summary>a ← a + factor · b</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b, double factor = 1)
    {
        using Scalar scalar = factor;
        return a.add_(b, scalar);
    }

    public static Tensor PlusInPlace(this Tensor a, double number)
    {
        using Scalar scalar = number;
        return a.add_(scalar);
    }

    /// <summary>a ← a + factor · b·c</summary>
    public static Tensor PlusProductInPlace(this Tensor a, Tensor b, Tensor c, double factor)
    {
        using Scalar scalar = factor;
        return a.addcmul_(b, c, scalar);
    }

    /// <summary>a ← a + factor · b/c</summary>
    public static Tensor PlusQuotientInPlace(this Tensor a, Tensor b, Tensor c, double factor)
    {
        using Scalar scalar = factor;
        return a.addcdiv_(b, c, scalar);
    }
}
