using System.Globalization;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>The device that a worker computes on.</summary>
public static class JobDevice
{
    /// <summary>The spec with the device that this worker has: the one it was given, else the best that its spec allows.</summary>
    /// <param name="spec">Names a device, or <c>any</c>, or <c>cuda</c> for the first GPU.</param>
    /// <param name="given"><c>cpu</c> or <c>cuda:N</c>; null where nobody has said.</param>
    public static JobSpec Choose(JobSpec spec, string? given) =>
        spec with
        {
            Device = (string.IsNullOrEmpty(given) ? spec.Device : given) switch
            {
                DeviceName.Any => cuda.is_available() ? $"{DeviceName.Cuda}:0" : DeviceName.Cpu,
                DeviceName.Cuda => $"{DeviceName.Cuda}:0",
                var named => named,
            },
        };

    /// <summary>Fixes the number of threads and finds the device the spec names.</summary>
    /// <exception cref="ModelFileException">The device isn't there.</exception>
    public static Device Prepare(JobSpec spec)
    {
        set_num_threads(ThreadsOf(spec));
        var name = Choose(spec, null).Device;
        if (name == DeviceName.Cpu)
        {
            return CPU;
        }

        var there = cuda.is_available() ? cuda.device_count() : 0;
        return DeviceName.IsGpu(name) && DeviceName.IndexOf(name) < there
            ? device(name)
            : throw new ModelFileException(
                $"The device '{name}' is not available to this worker, which sees {Count(there)}: choose another device, or ask your administrator whether this server's Torch was built for its GPUs."
            );
    }

    /// <summary>The device in words, for the run's log.</summary>
    public static string Words(JobSpec spec) =>
        DeviceName.IsGpu(spec.Device)
            ? $"{spec.Device}{(Gpu.ReadAll().ElementAtOrDefault(DeviceName.IndexOf(spec.Device)) is { } gpu ? $", {gpu.Name}" : "")}"
            : $"the CPU with {ThreadsOf(spec)} threads";

    private static int ThreadsOf(JobSpec spec) => spec.Threads > 0 ? spec.Threads : Environment.ProcessorCount;

    private static string Count(int gpus) =>
        gpus == 0 ? "no GPU"
        : gpus == 1 ? "one GPU, cuda:0"
        : string.Create(CultureInfo.InvariantCulture, $"{gpus} GPUs, cuda:0 to cuda:{gpus - 1}");
}
