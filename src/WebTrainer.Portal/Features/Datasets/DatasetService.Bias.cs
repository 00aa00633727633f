using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>Labels of groups held against each other.</summary>
public sealed partial class DatasetService
{
    /// <summary>Columns kept beside the texts, by which rows can be grouped.</summary>
    public async Task<IReadOnlyList<string>> ExtraColumnsAsync(Caller caller, Guid projectId, Guid datasetId, int number, CancellationToken ct)
    {
        var path = await PathAsync(caller, projectId, datasetId, number, ct);
        return await OnceAsync(path, () => reader.ExtraColumnsAsync(path, ct));
    }

    /// <summary>Audits a version and keeps the report with it, for its datasheet.</summary>
    public async Task<BiasReport> AuditBiasAsync(Caller caller, Guid projectId, Guid datasetId, int number, BiasQuestion question, CancellationToken ct)
    {
        string path;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, ct))
            path = store.PathOf((await FindAsync(reading, datasetId, number, ct)).Sha256);
        var report = await Task.Run(() => new BiasAuditor(limits).AuditAsync(path, question, ct), ct);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, ct);
        var version = await FindAsync(work, datasetId, number, ct);
        version.NoteBias(RecipeJson.Write(report));
        work.Audit("dataset.bias-audited", version.Id, null, new { question.Column, question.Favourable, report.Labels.StatisticalParityDifference });
        await work.SaveAsync(ct);
        return report;
    }
}
