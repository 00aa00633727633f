using System.ComponentModel;
using System.Diagnostics;
using WebTrainer.Jobs.Machine;

namespace WebTrainer.Jobs.Tests;

public sealed class MachineTests
{
    [Fact]
    public void Processor_WorkedIsAllButIdleAndWaitingForDisks()
    {
        const string stat = "cpu  100 10 30 700 60 5 15 20 40 3\ncpu0 50 5 15 350 30 2 8 10 20 1\nintr 1\n";
        Assert.Equal((180, 940), ProcFiles.Processor(stat)); // guests are within user
    }

    [Fact]
    public void Memory_IsInBytes_AndWhatIsMissingIsNothing()
    {
        Assert.Equal(
            (16_000L * 1024, 9_000L * 1024),
            ProcFiles.Memory("MemTotal:       16000 kB\nMemFree: 10 kB\nMemAvailable:    9000 kB\n")
        );
        Assert.Equal((0, 0), ProcFiles.Memory(""));
        Assert.Throws<FormatException>(() => ProcFiles.Processor("intr 1"));
        Assert.Equal("A CPU @ 2 GHz", ProcFiles.ProcessorName("processor : 0\nmodel name\t: A CPU @ 2 GHz\n"));
    }

    [Fact]
    public void Nvml_WithoutADriver_IsNotThere() => Assert.Null(Nvml.TryOpen("libno-such-driver.so.1"));

    /// <summary>
    /// A library of NVML's own signatures (nvml.h) that gives fixed answers: two GPUs, the second of which knows neither power nor energy,
    /// as
    /// small ones do. It holds calls, structures and units; no driver was asked.
    /// </summary>
    [Fact]
    public void Nvml_ReadsWhatALibraryOfItsSignaturesAnswers_InTheOrderOfTheVisibleOnes()
    {
        var folder = Directory.CreateTempSubdirectory("webtrainer-nvml-").FullName;
        try
        {
            Assert.SkipUnless(TryCompile(folder), "There is no C compiler (cc) to make the library with.");
            using var nvml = Nvml.TryOpen(Path.Combine(folder, "libnvml.so"));
            Assert.NotNull(nvml);
            var (large, small) = (
                new GpuReading("cuda:0", "NVIDIA H200", 150_754_820_096, 5_368_709_120, 0.87, 41, 312.5, 987_654_321.012),
                new GpuReading("cuda:1", "NVIDIA T400", 4_294_967_296, 1_073_741_824, 0, 55, null, null)
            );

            Assert.Equal([large, small], nvml.Read(null));
            Assert.Equal([small with { Device = "cuda:0" }, large with { Device = "cuda:1" }], nvml.Read("1,GPU-aaaa"));
            Assert.Equal([small with { Device = "cuda:0" }], nvml.Read("GPU-bbbb,7,0")); // it ends at the first that is none
            Assert.Empty(nvml.Read(""));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool TryCompile(string folder)
    {
        var source = Path.Combine(folder, "nvml.c");
        File.WriteAllText(source, Answers);
        try
        {
            using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", Path.Combine(folder, "libnvml.so"), source]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private const string Answers = """
        #include <string.h>
        typedef struct { unsigned long long total, free, used; } memory_t;
        typedef struct { unsigned int gpu, memory; } rates_t;
        static int gpus[2] = { 0, 1 };
        int nvmlInit_v2(void) { return 0; }
        int nvmlShutdown(void) { return 0; }
        int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned int index, int **device) { *device = &gpus[index]; return 0; }
        static int give(char *text, unsigned int length, const char *value) { if (length < strlen(value) + 1) return 7; strcpy(text, value); return 0; }
        int nvmlDeviceGetName(int *device, char *text, unsigned int length) { return give(text, length, *device ? "NVIDIA T400" : "NVIDIA H200"); }
        int nvmlDeviceGetUUID(int *device, char *text, unsigned int length) { return give(text, length, *device ? "GPU-bbbb-2" : "GPU-aaaa-1"); }
        int nvmlDeviceGetMemoryInfo(int *device, memory_t *m) {
          if (*device) { m->total = 4294967296ull; m->used = 1073741824ull; } else { m->total = 150754820096ull; m->used = 5368709120ull; }
          m->free = m->total - m->used; return 0; }
        int nvmlDeviceGetUtilizationRates(int *device, rates_t *r) { r->gpu = *device ? 0 : 87; r->memory = 12; return 0; }
        int nvmlDeviceGetTemperature(int *device, unsigned int sensor, unsigned int *t) { if (sensor != 0) return 2; *t = *device ? 55 : 41; return 0; }
        int nvmlDeviceGetPowerUsage(int *device, unsigned int *mw) { if (*device) return 3; *mw = 312500; return 0; }
        int nvmlDeviceGetTotalEnergyConsumption(int *device, unsigned long long *mj) { if (*device) return 3; *mj = 987654321012ull; return 0; }
        """;
}
