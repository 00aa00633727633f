using Microsoft.Extensions.Options;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs;

/// <summary>Rules that need more than a range; all faults are told at once.</summary>
internal sealed class JobsOptionsValidator : IValidateOptions<JobsOptions>
{
    public ValidateOptionsResult Validate(string? name, JobsOptions options)
    {
        var errors = new List<string>();
        if (options.WorkerPath.Length > 0 && !File.Exists(Path.GetFullPath(options.WorkerPath)))
        {
            errors.Add($"Jobs:WorkerPath: there is no file '{Path.GetFullPath(options.WorkerPath)}'.");
        }

        if (options.WorkerLibraries.Length > 0 && !Directory.Exists(options.WorkerLibraries))
        {
            errors.Add($"Jobs:WorkerLibraries: there is no folder '{options.WorkerLibraries}'.");
        }

        if (options.CpuSlots + options.CudaSlots == 0)
        {
            errors.Add("Jobs:CpuSlots and Jobs:CudaSlots are both 0: nothing could ever run.");
        }

        if (!DeviceName.IsKnown(options.ServeDevice))
        {
            errors.Add($"Jobs:ServeDevice is '{options.ServeDevice}': it must be any, cpu, cuda or cuda:N.");
        }
        else if (DeviceName.IsGpu(options.ServeDevice) && DeviceName.IndexOf(options.ServeDevice) >= options.CudaSlots)
        {
            errors.Add($"Jobs:ServeDevice is '{options.ServeDevice}', and Jobs:CudaSlots gives this server {options.CudaSlots} GPUs.");
        }

        CheckPositive(nameof(options.PollInterval), options.PollInterval);
        CheckPositive(nameof(options.ExitGrace), options.ExitGrace);
        CheckPositive(nameof(options.PlanTimeout), options.PlanTimeout);
        CheckPositive(nameof(options.CheckTimeout), options.CheckTimeout);
        CheckPositive(nameof(options.ExportTimeout), options.ExportTimeout);
        CheckPositive(nameof(options.EmbedTimeout), options.EmbedTimeout);
        CheckPositive(nameof(options.ServeStartTimeout), options.ServeStartTimeout);
        CheckPositive(nameof(options.ServeIdleTimeout), options.ServeIdleTimeout);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckPositive(string setting, TimeSpan value)
        {
            if (value <= TimeSpan.Zero)
            {
                errors.Add($"Jobs:{setting} must be longer than zero, but is '{value}'.");
            }
        }
    }
}
