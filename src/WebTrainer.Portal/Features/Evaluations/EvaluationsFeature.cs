namespace WebTrainer.Portal.Features.Evaluations;

public static class EvaluationsFeature
{
    public static IServiceCollection AddEvaluations(this IServiceCollection services) => services
        .AddSingleton<EvaluationService>()
        .AddSingleton<ModelCards>()
        .AddSingleton<ExampleReader>();
}
