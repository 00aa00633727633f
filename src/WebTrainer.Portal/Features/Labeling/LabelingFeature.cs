using Microsoft.AspNetCore.SignalR;
using WebTrainer.Data;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets;

namespace WebTrainer.Portal.Features.Labeling;

public static class LabelingFeature
{
    /// <summary>
    /// A response being rewritten travels as one message; SignalR's default of 32 kB would end the circuit, and lose the text.
    /// </summary>
    private const long MaxMessageBytes = 512 * 1024;

    public static IServiceCollection AddLabeling(this IServiceCollection services) =>
        services
            .Configure<HubOptions>(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes)
            .AddSingleton<TaskRows>()
            .AddSingleton(p => new RowLookup(p.GetRequiredService<DataFolder>().Temporary))
            .AddSingleton<WriteGate>()
            .AddSingleton<Claims>()
            .AddSingleton<TodoCounts>()
            .AddSingleton<LabelingService>()
            .AddSingleton<TaskOverviews>()
            .AddSingleton<AnswerService>()
            .AddSingleton<ReviewService>()
            .AddSingleton<LabelSnapshots>()
            .AddSingleton<LabelDoubtService>()
            .AddSingleton<LabelExport>()
            .AddSingleton<LabelImport>()
            .AddQueries()
            .AddSingleton<FunctionVotes>()
            .AddSingleton<WeakService>()
            .AddSingleton<ArenaWriter>()
            .AddHostedService(services => services.GetRequiredService<ArenaWriter>())
            .AddSingleton<ArenaService>();
}
