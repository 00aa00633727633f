using WebTrainer.Portal.Features.Evaluations.Benchmarks;

namespace WebTrainer.Portal.Features.Evaluations;

public static class EvaluationsFeature
{
    public static IServiceCollection AddEvaluations(this IServiceCollection services) =>
        services
            .AddSingleton<EvaluateSpecs>()
            .AddSingleton<EvaluationService>()
            .AddSingleton<BenchmarkLibrary>()
            .AddSingleton<ModelCards>()
            .AddSingleton<QuestionIndexes>()
            .AddSingleton<ExampleReader>();
}
