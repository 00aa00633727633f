using System.Runtime.InteropServices;

namespace WebTrainer.Learning;

/// <summary>Sets what native libraries read from the environment when they load; .NET's own copy of it never reaches them.</summary>
public static partial class NativeEnvironment
{
    /// <summary>
    /// To be called before anything of Torch is. Idle OpenMP threads sleep instead of spinning. The kernels written here run between
    /// Torch's operations on threads of their own, which spinning ones would keep from the cores (measured: up to ten times slower on a
    /// busy machine).
    /// </summary>
    public static void Prepare()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetVariable("OMP_WAIT_POLICY", "passive", overwrite: 0);
        }
    }

    /// <summary>Loads the native library of Torch, and has it use all cores.</summary>
    /// <returns>Null, or why it can't be loaded, in a sentence.</returns>
    public static string? WhyTorchFails()
    {
        try
        {
            TorchSharp.torch.set_num_threads(Environment.ProcessorCount);
            return null;
        }
        catch (Exception exception)
            when (exception is TypeInitializationException or DllNotFoundException or NotSupportedException or FileNotFoundException)
        {
            var text = exception.ToString();
            return text.Contains("GLIBCXX", StringComparison.Ordinal)
                ? "Torch can't be loaded: the system's libstdc++ is older than GLIBCXX_3.4.32. Start the portal by ./run, which brings a newer one for the worker, or use Debian 13, Ubuntu 24.04 or newer."
                : $"Torch can't be loaded: {text.Split('\n')[0]}";
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
