using Quartz;
using WebTrainer.Data;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets.Neighbours;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Sample;
using WebTrainer.Portal.Features.Datasets.Sources;
using WebTrainer.Portal.Features.Datasets.Vectors;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets;

public static class DatasetsFeature
{
    public static IServiceCollection AddDatasets(this IServiceCollection services)
    {
        services.AddMemoryCache();
        services.AddSingleton(p => new ImportLimits { ScratchFolder = p.GetRequiredService<DataFolder>().Temporary });
        services.AddSingleton(p => new FileInspector(p.GetRequiredService<ImportLimits>()));
        services.AddSingleton(p => new RowReader(p.GetRequiredService<ImportLimits>()));
        services.AddSingleton(p => new SetAsideReader(p.GetRequiredService<ImportLimits>()));
        services.AddSingleton(p => new FileConverter(p.GetRequiredService<ImportLimits>()));
        services.AddModelCatalog();
        services.AddSingleton<InstalledTokenizers>();
        services.AddSingleton<InstalledEncoders>();
        services.AddQueries();
        services.AddSingleton<WordIndexes>();
        services.AddSingleton<Conversions>();
        services.AddSingleton<Inspections>();
        services.AddSingleton<DiskReserve>();
        services.AddSingleton<DatasetOperations>();
        services.AddSingleton<IUploadReader>(p => p.GetRequiredService<DatasetOperations>());
        services.AddSingleton<VersionRecorder>();
        services.AddSingleton<VersionFigures>();
        services.AddSingleton<DatasetService>();
        services.AddSingleton<DatasetRows>();
        services.AddSingleton<DatasetSearch>();
        services.AddSingleton<DatasetProfiles>();
        services.AddSingleton<VersionDrift>();
        services.AddSingleton<VectorShelf>();
        services.AddSingleton<MeaningSearch>();
        services.AddSingleton<VersionMaps>();
        services.AddSingleton<VersionNeighbours>();
        services.AddSingleton<DatasetExports>();
        services.AddSingleton<DatasetDocuments>();
        services.AddSingleton<SavedItemService>();
        services.AddWork<DatasetImports>();
        services.AddWork<SourceSyncs>();
        services.AddWork<DatasetCleaning>();
        services.AddWork<DatasetSplits>();
        services.AddWork<DatasetJoins>();
        services.AddWork<DatasetMaking>();
        services.AddWork<VersionVectors>();
        services.AddWork<DatasetPublishing>();
        services.AddHostedService<ResumeOperations>();
        services.AddDataProtection();
        services.AddOptions<ConnectorOptions>().ValidateDataAnnotations();
        services.AddQuartz();
        services.AddQuartzHostedService();
        services.AddSingleton<SourceConnectors>();
        services.AddSingleton<SourceSecrets>();
        services.AddSingleton<SourceSchedules>();
        services.AddSingleton<SourceService>();
        services.AddHostedService(p => p.GetRequiredService<SourceSchedules>());
        services.AddSingleton<SampleData>();
        return services;
    }

    public static void MapDatasetsApi(this IEndpointRouteBuilder api)
    {
        var project = api.MapGroup("/projects/{projectId:guid}");
        project.MapVersionsApi();
        project.MapSourcesApi();
    }

    private static void AddWork<TWork>(this IServiceCollection services)
        where TWork : class, IDatasetWork
    {
        services.AddSingleton<TWork>();
        services.AddSingleton<IDatasetWork>(p => p.GetRequiredService<TWork>());
    }
}
