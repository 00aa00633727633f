using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Jobs.Feed;
using WebTrainer.Jobs.Kinds;
using WebTrainer.Jobs.Machine;
using WebTrainer.Jobs.Queue;
using WebTrainer.Jobs.Serving;
using WebTrainer.Jobs.Sharing;
using WebTrainer.Jobs.Watching;
using WebTrainer.Jobs.Workers;

namespace WebTrainer.Jobs;

public static class JobsServices
{
    /// <summary>
    /// Registers the queue, the workers' supervision, the live feed and serving. Needs <c>AddWebTrainerData</c>, a prepared data
    /// folder and a migrated database before the host starts.
    /// </summary>
    public static IServiceCollection AddWebTrainerJobs(this IServiceCollection services)
    {
        services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<JobsOptions>, JobsOptionsValidator>();
        services.AddOptions<SharingOptions>().BindConfiguration(SharingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<JobsMeter>();
        services.AddSingleton<RunFolders>();
        services.AddSingleton<WorkerLauncher>();
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<Slots>();
        services.AddSingleton<Devices>();
        services.AddSingleton<DeviceLoans>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<JobSubmission>();
        services.AddSingleton<JobHandlers>();
        services.AddSingleton<QueueReader>();
        services.AddSingleton<JobTraces>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<WorkerSupervisor>();
        // Their constructors take this library's internals, which the container's own search for constructors does not see.
        services.AddSingleton(s => new JobControl(
            s.GetRequiredService<IDbContextFactory<AppDb>>(),
            s.GetRequiredService<RunFolders>(),
            s.GetRequiredService<WorkerSupervisor>(),
            s.GetRequiredService<JobQueue>(),
            s.GetRequiredService<LiveFeed>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(s => new QueueOutlook(
            s.GetRequiredService<IDbContextFactory<AppDb>>(),
            s.GetRequiredService<QueueReader>(),
            s.GetRequiredService<IOptions<SharingOptions>>()
        ));
        services.AddSingleton(s => new Errands(
            s.GetRequiredService<RunFolders>(),
            s.GetRequiredService<WorkerLauncher>(),
            s.GetRequiredService<DeviceLoans>(),
            s.GetRequiredService<IOptions<JobsOptions>>()
        ));
        services.AddSingleton(s => new ServingPool(
            s.GetRequiredService<RunFolders>(),
            s.GetRequiredService<WorkerLauncher>(),
            s.GetRequiredService<DeviceLoans>(),
            s.GetRequiredService<IOptions<JobsOptions>>(),
            s.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<MachineMonitor>();
        services.AddHostedService(s => s.GetRequiredService<MachineMonitor>());
        // In this order: the living workers must be known before the queue hands out slots.
        services.AddHostedService(s => s.GetRequiredService<WorkerSupervisor>());
        services.AddHostedService<Dispatcher>();
        return services;
    }
}
