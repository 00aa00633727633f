using WebTrainer.Jobs.Sharing;
using WebTrainer.Jobs.Watching;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Queue;

/// <summary>
/// GPUs that work outside the queue has for a while: plans, checks, vectors of texts, models that answer. The queue gives none of them away
/// meanwhile, and asks for those back whose borrower only waits. The CPU is shared and never lent.
/// </summary>
internal sealed class DeviceLoans(Slots slots, WorkerSupervisor supervisor, JobQueue queue)
{
    private readonly Dictionary<string, DeviceLoan> _loans = [];
    private readonly Lock _lock = new();

    /// <summary>Slots that the queue can't give away now.</summary>
    public IReadOnlyCollection<string> Lent
    {
        get
        {
            lock (_lock)
            {
                return [.. _loans.Keys];
            }
        }
    }

    /// <summary>A device that is free now.</summary>
    /// <param name="device">As a spec names it.</param>
    /// <param name="tryGiveBack">Asked when a job waits for it: ends the borrower's work if it only waits.</param>
    /// <exception cref="JobFailedException">Each GPU that it may be is at work.</exception>
    public DeviceLoan Borrow(string device, Action? tryGiveBack = null)
    {
        if (device == DeviceName.Cpu)
        {
            return new DeviceLoan(device, null, tryGiveBack);
        }

        lock (_lock)
        {
            var busy = supervisor.BusySlots;
            if (
                slots.All.FirstOrDefault(slot =>
                    DeviceName.IsGpu(slot) && FairQueue.Fits(device, slot) && !busy.Contains(slot) && !_loans.ContainsKey(slot)
                ) is
                { } free
            )
            {
                return _loans[free] = new DeviceLoan(free, () => ReturnBorrowed(free), tryGiveBack);
            }
        }

        return device == DeviceName.Any
            ? new DeviceLoan(DeviceName.Cpu, null, tryGiveBack)
            : throw new JobFailedException(
                $"{(device == DeviceName.Cuda ? "Each GPU" : DeviceName.Words(device))} is at work for somebody else.",
                "Wait until it is free, or choose “best free” as the device."
            );
    }

    /// <summary>
    /// Keeps a slot for a job that is about to begin. Its return wakes nobody: a job that could not begin waits for the queue's next look.
    /// </summary>
    /// <returns>Null where somebody has just borrowed it.</returns>
    public DeviceLoan? TryHold(string slot)
    {
        lock (_lock)
        {
            return _loans.ContainsKey(slot) ? null : _loans[slot] = new DeviceLoan(DeviceName.OfSlot(slot), () => Return(slot), null);
        }
    }

    /// <summary>Jobs wait for these devices: borrowers that only wait end.</summary>
    public void AskBack(IEnumerable<string> devices)
    {
        List<DeviceLoan> asked;
        lock (_lock)
        {
            asked =
            [
                .. devices
                    .SelectMany(device => _loans.Where(loan => FairQueue.Fits(device, loan.Key)).Select(loan => loan.Value))
                    .Distinct(),
            ];
        }

        foreach (var loan in asked)
        {
            loan.TryGiveBack?.Invoke();
        }
    }

    internal void Return(string slot)
    {
        lock (_lock)
        {
            _loans.Remove(slot);
        }
    }

    internal void ReturnBorrowed(string slot)
    {
        Return(slot);
        queue.Wake();
    }
}

/// <summary>A device in somebody's hands until disposed.</summary>
/// <param name="device"><c>cpu</c> or <c>cuda:N</c>.</param>
internal sealed class DeviceLoan(string device, Action? giveBack, Action? tryGiveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    public string Device => device;

    public Action? TryGiveBack => tryGiveBack;

    public void Dispose()
    {
        _giveBack?.Invoke();
        _giveBack = null;
    }
}
