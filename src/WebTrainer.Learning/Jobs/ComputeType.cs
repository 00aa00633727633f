using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>bfloat16 where the device multiplies it natively, else float32: emulated bfloat16 is slower than float32.</summary>
public static class ComputeType
{
    private static readonly Lazy<bool> s_cpuHasBFloat16 = new(() =>
        File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) is { } flags
        && (flags.Contains("avx512_bf16", StringComparison.Ordinal) || flags.Contains("amx_bf16", StringComparison.Ordinal))
    );

    /// <summary>
    /// Type of activations on a device: bfloat16 on every GPU and on CPUs whose flags name <c>avx512_bf16</c> or <c>amx_bf16</c>, else
    /// float32.
    /// </summary>
    public static ScalarType For(Device device) =>
        device.type != TorchSharp.DeviceType.CPU || s_cpuHasBFloat16.Value ? ScalarType.BFloat16 : ScalarType.Float32;
}
