using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Labels of groups held against each other.</summary>
public sealed partial class DatasetService
{
    /// <summary>Columns kept beside the texts, by which rows can be grouped.</summary>
    public async Task<IReadOnlyList<string>> ExtraColumnsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(caller, projectId, datasetId, number, cancellationToken);
        return await OnceAsync(path, () => reader.ExtraColumnsAsync(path, cancellationToken));
    }

    /// <summary>Audits a version and keeps the report with it, for its datasheet.</summary>
    public async Task<BiasReport> AuditBiasAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        BiasQuestion question,
        CancellationToken cancellationToken
    )
    {
        string path;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            path = store.PathOf((await FindAsync(reading, datasetId, number, cancellationToken)).Sha256);
        }

        var report = await Task.Run(() => new BiasAuditor(limits).AuditAsync(path, question, cancellationToken), cancellationToken);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        version.NoteBias(RecipeJson.Write(report));
        work.Audit(
            "dataset.bias-audited",
            version.Id,
            null,
            new
            {
                question.Column,
                question.Favourable,
                report.Labels.StatisticalParityDifference,
            }
        );
        await work.SaveAsync(cancellationToken);
        return report;
    }
}
