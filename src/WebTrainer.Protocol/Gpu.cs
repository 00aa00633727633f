using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace WebTrainer.Protocol;

/// <summary>A GPU as its driver's own program tells of it.</summary>
public sealed record Gpu(string Name, long MemoryBytes, long FreeBytes)
{
    private const string Program = "nvidia-smi";

    /// <summary>Variable that says which GPUs a process sees, and in which order.</summary>
    public const string Visible = "CUDA_VISIBLE_DEVICES";

    private const long Mebibyte = 1L << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The GPUs in the order in which this process numbers them; empty where the driver's program is absent or doesn't answer.
    /// </summary>
    public static IReadOnlyList<Gpu> ReadAll()
    {
        try
        {
            var start = new ProcessStartInfo(
                Program,
                ["--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits"]
            )
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            using var process = Process.Start(start);
            if (process is null)
            {
                return [];
            }

            var said = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(s_patience))
            {
                process.Kill();
                return [];
            }

            return process.ExitCode == 0 ? Parse(said.GetAwaiter().GetResult(), Environment.GetEnvironmentVariable(Visible)) : [];
        }
        catch (Win32Exception)
        {
            return []; // there is no such program: no driver, no GPU
        }
    }

    /// <param name="csv">Index, UUID, name, MiB in all, MiB free; a line each.</param>
    /// <param name="visible">Indices or beginnings of UUIDs, in the order in which CUDA numbers them; null for all.</param>
    public static IReadOnlyList<Gpu> Parse(string csv, string? visible)
    {
        var all = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(',', StringSplitOptions.TrimEntries))
            .Where(f => f.Length == 5)
            .Select(f => (Index: f[0], Uuid: f[1], Gpu: new Gpu(f[2], Bytes(f[3]), Bytes(f[4]))))
            .ToList();
        return [.. InOrderOf(visible, all, known => known.Index, known => known.Uuid).Select(known => known.Gpu)];
    }

    /// <summary>GPUs in the order in which CUDA numbers them; as CUDA does, the list ends at the first name that is no GPU's.</summary>
    /// <param name="visible">Indices or beginnings of UUIDs; null for all.</param>
    public static IEnumerable<T> InOrderOf<T>(string? visible, IReadOnlyCollection<T> all, Func<T, string> index, Func<T, string> uuid) =>
        visible is null
            ? all
            : visible
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(name =>
                    all.Where(gpu => index(gpu) == name || uuid(gpu).StartsWith(name, StringComparison.OrdinalIgnoreCase)).Take(1).ToList()
                )
                .TakeWhile(found => found.Count > 0)
                .Select(found => found[0]);

    private static long Bytes(string mebibytes) =>
        long.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number * Mebibyte : 0;
}
