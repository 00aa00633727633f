using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Judging.Pages;

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
            .AddSingleton<JudgeWorkService>()
            .AddSingleton(new PagePart(PartOf.Evaluation, typeof(JudgedEvaluation)));
    }
}
