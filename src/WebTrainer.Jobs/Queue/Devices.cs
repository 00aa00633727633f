using WebTrainer.Jobs.Sharing;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Queue;

/// <summary>A device that people can choose.</summary>
/// <param name="Name"><c>any</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Gpu">What its driver tells; null for what is no single GPU, or where the driver tells nothing.</param>
public sealed record DeviceChoice(string Name, Gpu? Gpu);

/// <summary>The devices of this machine that jobs may have.</summary>
public sealed class Devices(Slots slots)
{
    private readonly Lazy<IReadOnlyList<Gpu>> _gpus = new(() => slots.All.Any(DeviceName.IsGpu) ? Gpu.ReadAll() : []);

    /// <summary>What a person can choose on this machine, the usual choice first.</summary>
    public IReadOnlyList<DeviceChoice> Choices
    {
        get
        {
            var own = slots.All.Select(DeviceName.OfSlot).Distinct().ToList();
            var gpus = own.Where(DeviceName.IsGpu).ToList();
            return
            [
                new(DeviceName.Any, null),
                .. gpus.Count > 1 ? [new DeviceChoice(DeviceName.Cuda, null)] : Array.Empty<DeviceChoice>(),
                .. gpus.Select(name => new DeviceChoice(name, GpuOf(name))),
                .. own.Where(name => name == DeviceName.Cpu).Select(name => new DeviceChoice(name, null)),
            ];
        }
    }

    /// <summary>Whether a job that asks for it can ever begin here.</summary>
    public bool Has(string device) => DeviceName.IsKnown(device) && slots.All.Any(slot => FairQueue.Fits(device, slot));

    /// <summary>Null for the CPU, and where the driver tells nothing.</summary>
    public Gpu? GpuOf(string device) => DeviceName.IsGpu(device) ? _gpus.Value.ElementAtOrDefault(DeviceName.IndexOf(device)) : null;
}
