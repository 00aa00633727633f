using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class CleaningTests : DatasetsTest
{
    private static readonly CleanRecipe s_recipe = new()
    {
        Steps = [new PersonalDataStep(), new ExactDuplicatesStep { By = DuplicateBy.Prompt }, new LeaksStep()],
    };

    [Fact]
    public async Task Clean_MakesTheNextVersion_WithRecipeReportAndReasons()
    {
        var dirty = await ImportAsync("Rows", TwoLabels + "my card is  LOST,card\nWrite to ada@example.org,card\n");
        var clean = await DataCleaning.CleanAsync(Lead, Project, dirty.DatasetId, 1, s_recipe, Ct);

        Assert.Equal(
            (2, VersionKind.Cleaned, 5L, false, false),
            (clean.Number, clean.Kind, clean.Rows, clean.HasSplits, clean.CanBePublished)
        );
        Assert.Equal(dirty.Id, Assert.Single(clean.Parents).Id);
        Assert.Equal(s_recipe.ToJson(), (await DataCleaning.RecipeAsync(Reviewer, Project, clean.DatasetId, 2, Ct)).ToJson());
        var rows = await DataRows.RowsAsync(Reviewer, Project, clean.DatasetId, 2, new RowQuery { Contains = "[EMAIL]" }, Ct);
        Assert.Equal("Write to [EMAIL]", Assert.Single(rows.Rows).Prompt);

        var aside = Assert.Single((await DataCleaning.SetAsideAsync(Reviewer, Project, clean.DatasetId, 2, null, null, 0, 10, Ct)).Rows);
        Assert.Equal(("my card is  LOST", "My card is lost", 1), (aside.Row.Prompt, aside.Twin!.Prompt, aside.Aside.Step));
        var cluster = Assert.Single(await DataCleaning.ClustersAsync(Reviewer, Project, clean.DatasetId, 2, Ct));
        Assert.Equal(("My card is lost", 1L), (cluster.Kept.Prompt, cluster.Repetitions));
        Assert.Empty((await DataCleaning.SetAsideAsync(Reviewer, Project, clean.DatasetId, 2, step: 0, null, 0, 10, Ct)).Rows);
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));

        // Each row still leads back to the file and line it came from.
        Assert.Equal("Rows.csv", (await DataRows.RowAsync(Lead, Project, clean.DatasetId, 2, rows.Rows[0].Id, Ct)).SourceFile);
    }

    [Fact]
    public async Task Compare_TellsWhatCleaningDid_RowByRow()
    {
        var dirty = await ImportAsync("Rows", TwoLabels + "my card is  LOST,card\nWrite to ada@example.org,card\n");
        await DataCleaning.CleanAsync(Lead, Project, dirty.DatasetId, 1, s_recipe, Ct);
        var changed = await DataRows.CompareAsync(Reviewer, Project, dirty.DatasetId, 2, dirty.Id, RowChange.Changed, 0, 10, Ct);
        Assert.Equal((0L, 1L, 1L, 4L), (changed.Added, changed.Removed, changed.Changed, changed.Same));
        var row = Assert.Single(changed.Rows);
        Assert.Equal(("Write to ada@example.org", "Write to [EMAIL]"), (row.Before!.Prompt, row.After!.Prompt));
        var removed = Assert.Single(
            (await DataRows.CompareAsync(Reviewer, Project, dirty.DatasetId, 2, dirty.Id, RowChange.Removed, 0, 10, Ct)).Rows
        );
        Assert.Equal(("my card is  LOST", null), (removed.Before!.Prompt, removed.After?.Prompt));

        var other = await Portal.AddProjectAsync(Stranger);
        var theirs = await Portal.AddVersionAsync(other, [CanonicalRow.Create("1", 1, null, "p", "r")]);
        await Assert.ThrowsAsync<NotFoundException>(() =>
            DataRows.CompareAsync(Lead, Project, dirty.DatasetId, 2, theirs.Id, RowChange.Changed, 0, 10, Ct)
        );
    }

    [Fact]
    public async Task TakeBack_MakesAVersionWithTheRow_ByARecipeThatKeepsIt()
    {
        var dirty = await ImportAsync("Rows", TwoLabels + "my card is  LOST,card\n");
        await DataCleaning.CleanAsync(Lead, Project, dirty.DatasetId, 1, s_recipe, Ct);
        var aside = Assert.Single((await DataCleaning.SetAsideAsync(Lead, Project, dirty.DatasetId, 2, null, null, 0, 10, Ct)).Rows);
        var operation = await DataCleaning.StartTakeBackAsync(Lead, Project, dirty.DatasetId, 2, [aside.Aside.Id], Ct);
        Assert.Equal(new(dirty.DatasetId, 3), await operation.Completion.WaitAsync(Ct));

        // The row taken back stands for its text now; what stood for it before repeats it.
        var rows = (await DataRows.RowsAsync(Lead, Project, dirty.DatasetId, 3, new RowQuery(), Ct)).Rows;
        Assert.Contains(rows, r => r.Id == aside.Aside.Id);
        Assert.Equal(dirty.Id, Assert.Single((await Data.GetVersionAsync(Lead, Project, dirty.DatasetId, 3, Ct)).Parents).Id);
    }

    [Fact]
    public async Task Clean_OfASplitVersion_KeepsSplitsAndCanBePublished()
    {
        var imported = await ImportAsync("Rows", Table(100));
        await DataSplits.SplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(0.1, 0.2, 7, null, false), Ct);
        var clean = await DataCleaning.CleanAsync(Lead, Project, imported.DatasetId, 2, s_recipe, Ct);
        Assert.True(clean.CanBePublished);
        await DataPublishing.PublishAsync(Lead, Project, clean.DatasetId, clean.Number, Ct);
        Assert.Equal(70, Assert.Single(await Data.PublishedAsync(Lead, Project, Ct)).Files.Train!.Rows);
    }

    [Fact]
    public async Task Publish_OfCleanedRowsThatAreNotSplit_IsRefusedAtOnce()
    {
        var imported = await ImportAsync("Rows", Table(40));
        await DataCleaning.CleanAsync(Lead, Project, imported.DatasetId, 1, s_recipe, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => DataPublishing.StartPublishAsync(Lead, Project, imported.DatasetId, 2, Ct));
    }

    [Fact]
    public async Task Clean_AgainstAnEvaluationSetOfAnotherProject_IsRefused()
    {
        var version = await ImportAsync("Rows", Table(40));
        var other = await Portal.AddProjectAsync(Stranger);
        var theirs = await Portal.AddVersionAsync(other, [CanonicalRow.Create("1", 1, null, "p", "r")]);
        var recipe = new CleanRecipe { Steps = [new LeaksStep { EvaluationSets = [theirs.Id] }] };
        await Assert.ThrowsAsync<NotFoundException>(() => DataCleaning.StartCleanAsync(Lead, Project, version.DatasetId, 1, recipe, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() =>
            DataCleaning.PreviewCleaningAsync(Lead, Project, version.DatasetId, 1, recipe, Ct)
        );
    }

    [Fact]
    public async Task Clean_IsAudited_WithoutAnyText()
    {
        var version = await ImportAsync("Rows", Table(40, "Secretword"));
        await DataCleaning.CleanAsync(Lead, Project, version.DatasetId, 1, s_recipe, Ct);
        await using var db = Portal.OpenDb();
        Assert.Equal("dataset.cleaned", (await db.Audit.OrderBy(a => a.Id).LastAsync(Ct)).Action);
        var stored = await db.DatasetVersions.SingleAsync(v => v.Number == 2, Ct);
        Assert.DoesNotContain("Secretword", stored.Report, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task SetAside_OfAVersionThatWasNotCleaned_IsRefused()
    {
        var version = await ImportAsync("Rows", Table(40));
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataCleaning.SetAsideAsync(Lead, Project, version.DatasetId, 1, null, null, 0, 10, Ct)
        );
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataCleaning.StartTakeBackAsync(Lead, Project, version.DatasetId, 1, ["1"], Ct)
        );
    }
}
