using System.ComponentModel.DataAnnotations;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>How jobs are run on this machine. Checked at start; section <c>Jobs</c>.</summary>
public sealed class JobsOptions
{
    public const string Section = "Jobs";

    /// <summary>The worker's executable, or its dll, which is then started with <c>dotnet</c>. Relative to the working folder.</summary>
    [Required]
    public string WorkerPath { get; set; } = "";

    /// <summary>
    /// Folder of libraries that workers take before the system's; empty for none. <c>./run</c> sets it where the system's libstdc++ is too
    /// old.
    /// </summary>
    public string WorkerLibraries { get; set; } = "";

    /// <summary>CPU jobs that run at once.</summary>
    [Range(0, 64)]
    public int CpuSlots { get; set; } = 1;

    /// <summary>GPUs to use, <c>cuda:0</c> and up; one job each.</summary>
    [Range(0, 64)]
    public int CudaSlots { get; set; }

    /// <summary>Threads of a serving worker; 0 means all cores. Training jobs carry theirs in the spec.</summary>
    [Range(0, 1024)]
    public int WorkerThreads { get; set; }

    /// <summary>Wait between two looks at the queue and at a job's events.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A worker that lives this long after its last event, or after it was told to stop, is killed.</summary>
    public TimeSpan ExitGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Points that a job's curves keep at most; longer runs keep every n-th step.</summary>
    [Range(100, 100_000)]
    public int MaxMetricPoints { get; set; } = 5000;

    /// <summary>A plan that takes longer is given up.</summary>
    public TimeSpan PlanTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A model that takes longer to load and answer is given up.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Answers for comparison with what is served that take longer are given up.</summary>
    public TimeSpan ReplayTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Merging that takes longer is given up.</summary>
    public TimeSpan ExportTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Vectors of a whole dataset's texts that take longer are given up; previews of them have <see cref="CheckTimeout"/>.
    /// </summary>
    public TimeSpan EmbedTimeout { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Datasets whose texts are made into vectors at once; more wait.</summary>
    [Range(1, 64)]
    public int ConcurrentEmbeddings { get; set; } = 1;

    /// <summary>Plans that are made at once, one a project; more wait.</summary>
    [Range(1, 64)]
    public int ConcurrentPlans { get; set; } = 4;

    /// <summary>Checks, exports and previews, which load models, that are done at once; more wait.</summary>
    [Range(1, 64)]
    public int ConcurrentChecks { get; set; } = 1;

    /// <summary>A serving worker must answer on its socket within this time.</summary>
    public TimeSpan ServeStartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A serving worker ends itself after this long without a request.</summary>
    public TimeSpan ServeIdleTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Where models answer: <c>any</c> for a GPU that is free when the model is loaded, else the CPU; <c>cpu</c>, <c>cuda</c> or
    /// <c>cuda:N</c>. A job that waits for the GPU gets it when nobody is being answered.
    /// </summary>
    public string ServeDevice { get; set; } = DeviceName.Any;

    /// <summary>
    /// How serving workers keep the weights: fewer bits take less memory and cost some quality, which an evaluation shows.
    /// </summary>
    public WeightPrecision ServePrecision { get; set; }

    /// <summary>
    /// Memory of a serving worker for beginnings of prompts that it has read, so that system texts and examples that repeat are read once;
    /// 0 for none.
    /// </summary>
    [Range(0, 1 << 20)]
    public int ServePrefixCacheMiB { get; set; } = 256;

    /// <summary>Environment variables that workers get beside the fixed few; never name a secret here.</summary>
    public IReadOnlyList<string> PassEnvironment { get; set; } = ["CUDA_VISIBLE_DEVICES", "TMPDIR"];
}
