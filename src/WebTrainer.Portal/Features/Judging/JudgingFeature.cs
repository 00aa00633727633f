using Microsoft.Extensions.Options;

namespace WebTrainer.Portal.Features.Judging;

public static class JudgingFeature
{
    public static IServiceCollection AddJudging(this IServiceCollection services)
    {
        services.AddOptions<JudgingOptions>().BindConfiguration(JudgingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<JudgeSecrets>()
            .AddSingleton<EndpointClient>()
            .AddSingleton<LocalJudge>()
            .AddSingleton<JudgeItems>()
            .AddSingleton<Calibrations>()
            .AddSingleton<JudgeRunner>()
            .AddHostedService(services => services.GetRequiredService<JudgeRunner>())
            .AddSingleton<JudgeService>()
            .AddSingleton<JudgeWorkService>();
    }
}
