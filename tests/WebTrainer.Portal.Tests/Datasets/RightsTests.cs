using System.Text;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class RightsTests : DatasetsTest
{
    private static readonly SplitRecipe s_split = new(0.1, 0.1, 42, null, false);
    private static readonly CleanRecipe s_recipe = new() { Steps = [new ExactDuplicatesStep()] };

    [Fact]
    public async Task Annotator_IsRefusedEverything()
    {
        var version = await ImportAsync("Rows", Table(40));
        foreach (var use in UseCases(Annotator, version))
        {
            await Assert.ThrowsAsync<ForbiddenException>(use);
        }
    }

    [Fact]
    public async Task Stranger_LearnsNotEvenThatThereIsAProject()
    {
        var version = await ImportAsync("Rows", Table(40));
        foreach (var use in UseCases(Stranger, version))
        {
            await Assert.ThrowsAsync<NotFoundException>(use);
        }
    }

    [Fact]
    public async Task Reviewer_Reads_ButChangesNothing()
    {
        var version = await ImportAsync("Rows", Table(40));
        Assert.Single(await Data.ListAsync(Reviewer, Project, Ct));
        Assert.Equal(40, (await DataRows.RowsAsync(Reviewer, Project, version.DatasetId, 1, new RowQuery(), Ct)).Total);
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            DataSplits.StartSplitAsync(Reviewer, Project, version.DatasetId, 1, s_split, Ct)
        );
        await Assert.ThrowsAsync<ForbiddenException>(() => Uploads.StartAsync(Reviewer, Project, "a.csv", 5, Ct));
    }

    [Fact]
    public async Task Version_OfAnotherProject_IsNotFound()
    {
        var version = await ImportAsync("Rows", Table(40));
        var other = await Portal.AddProjectAsync(Stranger);
        await Assert.ThrowsAsync<NotFoundException>(() => Data.GetVersionAsync(Stranger, other, version.DatasetId, 1, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => DataRows.RowsAsync(Stranger, other, version.DatasetId, 1, new RowQuery(), Ct));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            DataExports.ExportAsync(Stranger, other, version.DatasetId, 1, ExportFormat.Csv, null, Ct)
        );
    }

    [Fact]
    public async Task Upload_OfAnotherPerson_CannotBeGoneOnWith()
    {
        var engineer = await Portal.AddUserAsync("engineer");
        var project = await Portal.AddProjectAsync(Lead, (engineer, Domain.Projects.ProjectRole.Engineer));
        var upload = await Uploads.StartAsync(Lead, project, "a.csv", 5, Ct);
        await Assert.ThrowsAsync<NotFoundException>(() => Uploads.AppendAsync(engineer, project, upload.Id, 0, new MemoryStream([1]), Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Uploads.DiscardAsync(engineer, project, upload.Id, Ct));
    }

    private IEnumerable<Func<Task>> UseCases(Caller caller, VersionView version)
    {
        yield return () => Uploads.StartAsync(caller, Project, "a.csv", 5, Ct);
        yield return () => Uploads.ReceiveAsync(caller, Project, "a.csv", 5, new MemoryStream(Encoding.ASCII.GetBytes("a,b,c")), Ct);
        yield return () => Uploads.AppendAsync(caller, Project, Guid.NewGuid(), 0, Stream.Null, Ct);
        yield return () => Uploads.WaitingAsync(caller, Project, Ct);
        yield return () => Uploads.DiscardAsync(caller, Project, Guid.NewGuid(), Ct);
        yield return () => Data.ListAsync(caller, Project, Ct);
        yield return () => Data.GetVersionAsync(caller, Project, version.DatasetId, 1, Ct);
        yield return () => DataRows.RowsAsync(caller, Project, version.DatasetId, 1, new RowQuery(), Ct);
        yield return () => DataProfiles.ProfileAsync(caller, Project, version.DatasetId, 1, Ct);
        yield return () => Data.LineageAsync(caller, Project, version.DatasetId, 1, Ct);
        yield return () => DataCleaning.SetAsideAsync(caller, Project, version.DatasetId, 1, null, null, 0, 10, Ct);
        yield return () => DataCleaning.ClustersAsync(caller, Project, version.DatasetId, 1, Ct);
        yield return () => DataCleaning.RecipeAsync(caller, Project, version.DatasetId, 1, Ct);
        yield return () => DataRows.CompareAsync(caller, Project, version.DatasetId, 1, version.Id, RowChange.Changed, 0, 10, Ct);
        yield return () => DataDrift.LookAsync(caller, Project, version.DatasetId, 1, version.Id, Ct);
        yield return () => Data.PublishedAsync(caller, Project, Ct);
        yield return () => DataExports.ExportAsync(caller, Project, version.DatasetId, 1, ExportFormat.Csv, null, Ct);
        yield return () => DataImports.StartImportAsync(caller, Project, Guid.NewGuid(), "Name", null, Ct);
        yield return () => DataSplits.StartSplitAsync(caller, Project, version.DatasetId, 1, s_split, Ct);
        yield return () => DataCleaning.PreviewCleaningAsync(caller, Project, version.DatasetId, 1, s_recipe, Ct);
        yield return () => DataCleaning.StartCleanAsync(caller, Project, version.DatasetId, 1, s_recipe, Ct);
        yield return () => DataCleaning.StartTakeBackAsync(caller, Project, version.DatasetId, 1, ["1"], Ct);
        yield return () => DataPublishing.StartPublishAsync(caller, Project, version.DatasetId, 1, Ct);
        yield return () => Data.OperationsAsync(caller, Project, Ct);
    }
}
