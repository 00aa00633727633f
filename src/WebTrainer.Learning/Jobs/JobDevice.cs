using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

internal static class JobDevice
{
    /// <summary>Fixes the number of threads and finds the device the spec names.</summary>
    /// <exception cref="ModelFileException">The device isn't there.</exception>
    public static Device Prepare(RunSpec spec)
    {
        set_num_threads(spec.Threads > 0 ? spec.Threads : Environment.ProcessorCount);
        if (spec.Device == "cpu")
        {
            return CPU;
        }

        if (!spec.Device.StartsWith("cuda", StringComparison.Ordinal) || !cuda.is_available())
        {
            throw new ModelFileException($"The device '{spec.Device}' is not available to this worker.");
        }

        return device(spec.Device);
    }
}
