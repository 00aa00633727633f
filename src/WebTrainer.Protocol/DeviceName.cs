using System.Globalization;
using System.Text.RegularExpressions;

namespace WebTrainer.Protocol;

/// <summary>How specs, slots and people name devices.</summary>
public static partial class DeviceName
{
    /// <summary>A GPU that is free when the job begins, else the CPU.</summary>
    public const string Any = "any";

    /// <summary>The machine's processors; all CPU jobs have this name, however many there are.</summary>
    public const string Cpu = "cpu";

    /// <summary>Any GPU; one of its own is <c>cuda:0</c>, <c>cuda:1</c> and so on.</summary>
    public const string Cuda = "cuda";

    /// <summary>Environment variable by which a worker is told which device it was given; without it the spec's own word counts.</summary>
    public const string Variable = "WEBTRAINER_DEVICE";

    /// <summary>
    /// Whether a spec may name it: <c>any</c>, <c>cpu</c>, <c>cuda</c>, or <c>cuda:0</c> to <c>cuda:999</c>. That it is there is not looked
    /// at.
    /// </summary>
    public static bool IsKnown(string device) => Known().IsMatch(device);

    /// <summary>Whether it is <c>cuda</c>, or one GPU of its own.</summary>
    public static bool IsGpu(string device) => KindOf(device) == Cuda;

    /// <returns><c>cuda</c> for <c>cuda:1</c>.</returns>
    public static string KindOf(string device) => device.Split(':')[0];

    /// <summary>The device of a slot: CPU slots share one.</summary>
    public static string OfSlot(string slot) => KindOf(slot) == Cpu ? Cpu : slot;

    /// <returns>Which GPU, from 0; 0 where none is named.</returns>
    public static int IndexOf(string device) => device.Split(':') is [_, var index] ? int.Parse(index, CultureInfo.InvariantCulture) : 0;

    /// <summary>The device as people read it, such as "GPU 1"; a name that isn't known as it is.</summary>
    public static string Words(string device) =>
        device switch
        {
            Any => "best free",
            Cpu => "CPU",
            Cuda => "any GPU",
            _ when IsGpu(device) => $"GPU {IndexOf(device)}",
            _ => device,
        };

    [GeneratedRegex(
        @"^(any|cpu|cuda(:[0-9]{1,3})?)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Known();
}
