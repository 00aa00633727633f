using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Portal.Features.Datasets.Operations;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Work on datasets that the portal's end cut off.</summary>
public sealed class RestartTests : DatasetsTest
{
    [Fact]
    public async Task Resume_DoesWhatWasCutOff_OnceAndOnBehalfOfWhoAsked()
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        var job = await LeftOpenAsync(upload.Id, attempts: 1);

        await Portal.Get<DatasetOperations>().ResumeAsync(Ct);
        var operation = Assert.Single(await Data.OperationsAsync(Lead, Project, Ct));
        Assert.Equal(
            new VersionKey((await Data.ListAsync(Lead, Project, Ct)).SingleOrDefault()?.Id ?? (await operation.Completion).DatasetId, 1),
            await operation.Completion
        );
        await using (var db = Portal.OpenDb())
        {
            var ended = await db.DataJobs.SingleAsync(j => j.Id == job, Ct);
            Assert.Equal((DataJobState.Done, 2, 1), (ended.State, ended.Attempts, ended.VersionNumber));
            Assert.Equal(Lead.UserId, (await db.DatasetVersions.SingleAsync(Ct)).CreatedBy);
        }

        // The next start has nothing left to do.
        await Portal.Get<DatasetOperations>().ResumeAsync(Ct);
        Assert.Single(await Data.OperationsAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task Resume_OfWhatEndedTheServerEachTime_GivesUpInASentence()
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        var job = await LeftOpenAsync(upload.Id, DataJob.MaxAttempts);
        await Portal.Get<DatasetOperations>().ResumeAsync(Ct);
        var operation = Assert.Single(await Data.OperationsAsync(Lead, Project, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => operation.Completion);
        await using var db = Portal.OpenDb();
        var ended = await db.DataJobs.SingleAsync(j => j.Id == job, Ct);
        Assert.Equal(DataJobState.Failed, ended.State);
        Assert.Contains("not tried again", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OfSomebodyWhoLostTheRight_MakesNothing()
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        await LeftOpenAsync(upload.Id, attempts: 1);
        await using (var db = Portal.OpenDb())
        {
            await db.Memberships.Where(m => m.UserId == Lead.UserId).ExecuteDeleteAsync(Ct);
        }

        var operations = Portal.Get<DatasetOperations>();
        await operations.ResumeAsync(Ct);
        await Assert.ThrowsAnyAsync<Exception>(() => Assert.Single(operations.Of(Project)).Completion);
        await using (var db = Portal.OpenDb())
        {
            Assert.Equal(DataJobState.Failed, (await db.DataJobs.SingleAsync(Ct)).State);
            Assert.Empty(db.DatasetVersions);
        }
    }

    [Fact]
    public async Task Stop_IsRemembered_SoThatNoStartBeginsItAgain()
    {
        var upload = await UploadAsync("rows.csv", Table(300_000));
        var operation = await DataImports.StartImportAsync(Lead, Project, upload.Id, "Rows", null, Ct);
        await Data.StopAsync(Lead, Project, operation.Id, Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => operation.Completion);
        await using var db = Portal.OpenDb();
        Assert.Equal(DataJobState.Stopped, (await db.DataJobs.SingleAsync(Ct)).State);
    }

    /// <summary>A job as a killed portal leaves it.</summary>
    private async Task<Guid> LeftOpenAsync(Guid uploadId, int attempts)
    {
        await using var db = Portal.OpenDb();
        var request = $$"""{"uploadId":"{{uploadId}}","name":"Rows","mapping":null}""";
        var job = new DataJob(
            Project,
            DataJobKind.Import,
            uploadId,
            "Import rows.csv",
            request,
            Lead.UserId,
            Lead.Name,
            Portal.Clock.GetUtcNow()
        );
        for (var i = 0; i < attempts; i++)
        {
            job.Begin();
        }

        db.DataJobs.Add(job);
        await db.SaveChangesAsync(Ct);
        return job.Id;
    }
}
