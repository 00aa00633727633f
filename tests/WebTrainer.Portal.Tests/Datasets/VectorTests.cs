using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Pipeline.Vectors.Maps;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Neighbours;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Vectors;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Vectors that are kept beside versions, and what people see of them.</summary>
public sealed class VectorTests : DatasetsTest
{
    private VersionVectors Vectors => Portal.Get<VersionVectors>();

    [Fact]
    public async Task Vectors_AreKept_SpokenOfInTheLog_AndReusedByTheNextVersion()
    {
        var imported = await ImportAsync("Rows", Table(60));
        Assert.Empty(await Vectors.ListAsync(Reviewer, Project, imported.DatasetId, 1, Ct));
        var made = Assert.Single(await Vectors.MakeAsync(Lead, Project, imported.DatasetId, 1, VectorSource.BuiltIn, Ct));
        Assert.Equal((VectorSource.BuiltIn, 60, true), (made.Encoder, made.Texts, made.IsCurrent));
        Assert.True(Portal.Get<FileStore>().BytesBeside(imported.Sha256) >= made.Bytes); // counts for the project's room

        var next = await ImportAsync("Rows", Table(25));
        await Vectors.MakeAsync(Lead, Project, next.DatasetId, next.Number, VectorSource.BuiltIn, Ct);
        Assert.Equal(await LearnedAsync(imported), await LearnedAsync(next));
        await using var db = Portal.OpenDb();
        Assert.Equal(2, await db.Audit.CountAsync(a => a.Action == "version.embedded", Ct));
    }

    /// <summary>What the embedder learned of the texts: of 60 rows another than of 25.</summary>
    private async Task<byte[]> LearnedAsync(VersionView version)
    {
        using var learned = new MemoryStream();
        (await Portal.Get<VectorShelf>().ReadAsync(version.Sha256, VectorSource.BuiltIn, Ct))!.Source.Learned!.Write(learned);
        return learned.ToArray();
    }

    [Fact]
    public async Task RowsLikeOne_GoByTheKeptVectors()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        var neighbours = Portal.Get<VersionNeighbours>();
        var page = await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, new(), Ct);
        var before = await neighbours.LikeAsync(Lead, Project, version.DatasetId, 1, page.Rows[0].Id, 3, Ct);
        await Vectors.MakeAsync(Lead, Project, version.DatasetId, 1, VectorSource.BuiltIn, Ct);
        var after = await neighbours.LikeAsync(Reviewer, Project, version.DatasetId, 1, page.Rows[0].Id, 3, Ct);
        Assert.Equal("Where is my card?", after[0].Prompt);
        Assert.Equal(before, after);
        await Assert.ThrowsAsync<NotFoundException>(() => neighbours.LikeAsync(Lead, Project, version.DatasetId, 1, "no such row", 3, Ct));
    }

    [Fact]
    public async Task Search_ByMeaning_AndBoth_NeedsVectors_AndPutsTheNearestFirst()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        Task<WordSearch> Meant(WordQuery? words, RowQuery query) =>
            DataSearch.MeantAsync(Reviewer, Project, version.DatasetId, 1, "my card was lost", words, query, Ct);
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() => Meant(null, new()));
        Assert.Contains("Map", refused.Message, StringComparison.Ordinal);

        await Vectors.MakeAsync(Lead, Project, version.DatasetId, 1, VectorSource.BuiltIn, Ct);
        Assert.Equal("My card is lost", (await Meant(null, new())).Page.Rows[0].Prompt);
        var transfers = await Meant(null, new() { Label = "transfer" });
        Assert.All(transfers.Page.Rows, row => Assert.Equal("transfer", row.Label));

        var words = WordQuery.Parse("failed")!;
        await Meant(words, new());
        await DataSearch.WhenIndexedAsync(Reviewer, Project, version.DatasetId, 1, Ct);
        var both = await Meant(words, new());
        Assert.Equal(1, both.Ready);
        Assert.Contains("A transfer failed", both.Page.Rows.Take(3).Select(r => r.Prompt));
    }

    [Fact]
    public async Task Map_IsMadeWithTheVectors_GivesTheRowsOfAGroup_AndTellsWhatIsNotCovered()
    {
        var maps = Portal.Get<VersionMaps>();
        var imported = await ImportAsync("Rows", Table(60));
        var split = await DataSplits.SplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(0.1, 0.2, 7, null, false), Ct);
        Assert.Null(await maps.HeadAsync(Reviewer, Project, split.DatasetId, 2, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => maps.FileAsync(Reviewer, Project, split.DatasetId, 2, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => maps.CoverageAsync(Reviewer, Project, split.DatasetId, 2, Ct));

        await Vectors.MakeAsync(Lead, Project, split.DatasetId, 2, VectorSource.BuiltIn, Ct);
        var head = (await maps.HeadAsync(Reviewer, Project, split.DatasetId, 2, Ct))!;
        Assert.Equal(60, head.Clusters.Sum(c => c.Rows));
        var all = 0;
        for (var cluster = 0; cluster < head.Clusters.Count; cluster++)
        {
            var area = MapArea.Parse(MapArea.OfCluster(cluster))!;
            var rows = await maps.InAsync(Reviewer, Project, split.DatasetId, 2, area, Ct);
            Assert.Equal(head.Clusters[cluster].Rows, rows.Count);
            all += rows.Count;
        }

        Assert.Equal(60, all);
        Assert.Equal(
            60,
            (await maps.InAsync(Reviewer, Project, split.DatasetId, 2, MapArea.Parse("-1,-1_1001,-1_1001,1001_-1,1001")!, Ct)).Count
        );
        var coverage = await maps.CoverageAsync(Reviewer, Project, split.DatasetId, 2, Ct);
        Assert.Equal((12, 12), (coverage.Tests, coverage.LookedAt));
        Assert.Equal(coverage.Far, coverage.First.Count);
    }

    [Fact]
    public async Task Making_ByAReviewer_OrByAnEncoderThatIsNotThere_IsRefused()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            Vectors.MakeAsync(Reviewer, Project, version.DatasetId, 1, VectorSource.BuiltIn, Ct)
        );
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Vectors.MakeAsync(Lead, Project, version.DatasetId, 1, "no-such-encoder", Ct)
        );
        Assert.Contains("'no-such-encoder'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(VectorSource.BuiltIn, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Panel_OffersToMakeThem_AndShowsWhatIsKept()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        await using var browser = Browser(services => services.AddSingleton(Vectors));
        DatasetOperation? started = null;
        IRenderedComponent<VectorsPanel> Render() =>
            browser.Render<VectorsPanel>(p =>
                p.Add(c => c.ProjectId, Project)
                    .Add(c => c.Version, version)
                    .Add(c => c.MayManage, true)
                    .Add(c => c.OnStarted, operation => started = operation)
            );
        var panel = Render();
        panel.WaitForElement("[data-test=make-vectors]").Click();
        panel.WaitForAssertion(() => Assert.NotNull(started));
        await started!.Completion;
        panel = Render();
        panel.WaitForAssertion(() =>
            Assert.Contains("the built-in embedder", panel.Find("[data-test=kept-vectors]").TextContent, StringComparison.Ordinal)
        );
    }
}
