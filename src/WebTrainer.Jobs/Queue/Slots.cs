using Microsoft.Extensions.Options;

namespace WebTrainer.Jobs.Queue;

/// <summary>The places where a job can run on this machine.</summary>
public sealed class Slots(IOptions<JobsOptions> options)
{
    public IReadOnlyList<string> All { get; } =
    [
        .. Enumerable.Range(0, options.Value.CpuSlots).Select(n => $"cpu:{n}"),
        .. Enumerable.Range(0, options.Value.CudaSlots).Select(n => $"cuda:{n}"),
    ];
}
