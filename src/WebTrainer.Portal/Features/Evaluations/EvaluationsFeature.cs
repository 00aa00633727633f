using WebTrainer.Portal.Components.Shared;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Features.Evaluations.Cards;
using WebTrainer.Portal.Features.Evaluations.Examples;

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
            .AddSingleton<ExampleReader>()
            .AddSingleton<ExampleStore>()
            .AddHostedService<ColumnsBuilder>()
            .AddSingleton(new PagePart(PartOf.Run, typeof(RunVerdict)))
            .AddSingleton(new PagePart(PartOf.Project, typeof(ProjectOutcome)));
}
