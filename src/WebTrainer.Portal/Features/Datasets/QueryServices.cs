using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Pipeline.Queries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>SQL that people write: queries over datasets, and conditions of labelling functions.</summary>
public static class QueryServices
{
    public static IServiceCollection AddQueries(this IServiceCollection services)
    {
        services
            .AddOptions<QueryOptions>()
            .ValidateDataAnnotations()
            .Validate(o => File.Exists(o.ProgramPath), $"{QueryOptions.Section}:{nameof(QueryOptions.ProgramPath)} names no file.");
        services.TryAddSingleton(p => new QueryProcess(
            p.GetRequiredService<IOptions<QueryOptions>>().Value,
            p.GetRequiredService<DataFolder>().Temporary
        ));
        services.TryAddSingleton<SqlBox>();
        services.TryAddSingleton<RowConditions>();
        return services;
    }
}
