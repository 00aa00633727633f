using System.Runtime.InteropServices;
using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Machine;

/// <summary>
/// NVIDIA's management library, where a driver has brought it (https://docs.nvidia.com/deploy/nvml-api/). What a GPU doesn't support is
/// null.
/// </summary>
public sealed class Nvml : IDisposable
{
    /// <summary>Name by which the driver installs it.</summary>
    public const string Library = "libnvidia-ml.so.1";

    private const int Success = 0,
        TextBytes = 96;

    private readonly nint _library;
    private readonly TakesNothing _shutdown;
    private readonly GivesNumber _count;
    private readonly GivesHandle _handle;
    private readonly GivesText _name;
    private readonly GivesText _uuid;
    private readonly GivesMemory _memory;
    private readonly GivesRates _rates;
    private readonly GivesSensor _temperature;
    private readonly GivesNumberOf _power;
    private readonly GivesLongOf _energy;

    private Nvml(nint library)
    {
        _library = library;
        _shutdown = Function<TakesNothing>("nvmlShutdown");
        _count = Function<GivesNumber>("nvmlDeviceGetCount_v2");
        _handle = Function<GivesHandle>("nvmlDeviceGetHandleByIndex_v2");
        _name = Function<GivesText>("nvmlDeviceGetName");
        _uuid = Function<GivesText>("nvmlDeviceGetUUID");
        _memory = Function<GivesMemory>("nvmlDeviceGetMemoryInfo");
        _rates = Function<GivesRates>("nvmlDeviceGetUtilizationRates");
        _temperature = Function<GivesSensor>("nvmlDeviceGetTemperature");
        _power = Function<GivesNumberOf>("nvmlDeviceGetPowerUsage");
        _energy = Function<GivesLongOf>("nvmlDeviceGetTotalEnergyConsumption");
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TakesNothing();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesNumber(out uint number);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesHandle(uint index, out nint device);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesText(nint device, byte[] text, uint length);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesMemory(nint device, out MemoryInfo memory);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesRates(nint device, out Rates rates);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesSensor(nint device, uint sensor, out uint number);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesNumberOf(nint device, out uint number);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int GivesLongOf(nint device, out ulong number);

    /// <returns>Null where there is no driver, or it is too old to have all that is asked.</returns>
    public static Nvml? TryOpen(string library = Library)
    {
        if (!NativeLibrary.TryLoad(library, out var loaded))
        {
            return null;
        }

        try
        {
            var nvml = new Nvml(loaded);
            if (nvml.Function<TakesNothing>("nvmlInit_v2")() == Success)
            {
                return nvml;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A driver of before 2018: nvidia-smi still tells what the portal must know.
        }

        NativeLibrary.Free(loaded);
        return null;
    }

    /// <summary>The GPUs in the order in which jobs number them; one that is lost is left out.</summary>
    /// <param name="visible">As <c>CUDA_VISIBLE_DEVICES</c>; null for all.</param>
    public IReadOnlyList<GpuReading> Read(string? visible)
    {
        if (_count(out var count) != Success)
        {
            return [];
        }

        var all = new List<(string Index, string Uuid, nint Handle)>();
        for (var index = 0u; index < count; index++)
        {
            if (_handle(index, out var device) == Success)
            {
                all.Add(($"{index}", Text(_uuid, device) ?? "", device));
            }
        }

        return
        [
            .. Gpu.InOrderOf(visible, all, gpu => gpu.Index, gpu => gpu.Uuid)
                .Select((gpu, number) => Read($"{DeviceName.Cuda}:{number}", gpu.Handle)),
        ];
    }

    public void Dispose()
    {
        _shutdown();
        NativeLibrary.Free(_library);
    }

    private GpuReading Read(string name, nint device)
    {
        var hasMemory = _memory(device, out var memory) == Success;
        return new GpuReading(
            name,
            Text(_name, device) ?? "GPU",
            hasMemory ? (long)memory.Total : null,
            hasMemory ? (long)memory.Used : null,
            _rates(device, out var rates) == Success ? rates.Gpu / 100.0 : null,
            _temperature(device, 0, out var celsius) == Success ? celsius : null,
            _power(device, out var milliwatts) == Success ? milliwatts / 1000.0 : null,
            _energy(device, out var millijoules) == Success ? millijoules / 1000.0 : null
        );
    }

    private static string? Text(GivesText ask, nint device)
    {
        var bytes = new byte[TextBytes];
        return ask(device, bytes, TextBytes) == Success ? Encoding.UTF8.GetString(bytes).TrimEnd('\0') : null;
    }

    private T Function<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library, name));

    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryInfo
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Rates
    {
        public uint Gpu;
        public uint Memory;
    }
}
