using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace WebTrainer.Protocol;

/// <summary>A GPU as its driver's own program tells of it.</summary>
public sealed record Gpu(string Name, long MemoryBytes, long FreeBytes)
{
    private const string Program = "nvidia-smi";
    private const string Visible = "CUDA_VISIBLE_DEVICES";
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
        if (visible is null)
        {
            return [.. all.Select(known => known.Gpu)];
        }

        // As CUDA does: the list ends at the first name that is no GPU's.
        return
        [
            .. visible
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(name =>
                    all.FirstOrDefault(known => known.Index == name || known.Uuid.StartsWith(name, StringComparison.OrdinalIgnoreCase)).Gpu
                )
                .TakeWhile(gpu => gpu is not null),
        ];
    }

    private static long Bytes(string mebibytes) =>
        long.TryParse(mebibytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number * Mebibyte : 0;
}
