using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Neighbours;
using WebTrainer.Portal.Features.Datasets.Vectors;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>Labels that neighbours contradict, and the task that asks about them.</summary>
public sealed class LabelDoubtServiceTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Caller _lead = null!,
        _annotator = null!;
    private Guid _project;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services =>
            services
                .AddLabeling()
                .AddSingleton(new ImportLimits())
                .AddSingleton(new RowReader())
                .AddSingleton<VectorShelf>()
                .AddSingleton<VersionNeighbours>()
        );
        (_lead, _annotator) = (await _portal.AddUserAsync("lea"), await _portal.AddUserAsync("ann"));
        _project = await _portal.AddProjectAsync(_lead, (_annotator, ProjectRole.Annotator));
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    private static IEnumerable<CanonicalRow> Rows(params int[] wrong) =>
        Enumerable
            .Range(0, 40)
            .Select(i =>
            {
                var isCard = i < 20;
                var label = isCard != wrong.Contains(i) ? "card" : "rate";
                return CanonicalRow.Create(
                    $"row{i:000}",
                    i + 1,
                    null,
                    isCard ? $"my card number {i} has not arrived yet" : $"what is the exchange rate of currency {i} today",
                    label,
                    label
                );
            });

    [Fact]
    public async Task Doubts_AreFound_AndAskedAboutBlind()
    {
        var version = await _portal.AddVersionAsync(_project, Rows(3, 25));
        var service = _portal.Get<LabelDoubtService>();
        var view = await service.FindAsync(_lead, _project, version.Id, Ct);
        Assert.Equal(["row003", "row025"], view.First.Where(d => d.Doubt.IsSure).Select(d => d.Row.RowId).Order());
        var task = await service.AskAsync(_lead, _project, version.Id, 2, Ct);
        await using var db = _portal.OpenDb();
        Assert.Equal(["row003", "row025"], await db.LabelItems.Where(i => i.TaskId == task).Select(i => i.RowId).Order().ToListAsync(Ct));
        Assert.All(await db.LabelItems.Where(i => i.TaskId == task).ToListAsync(Ct), item => Assert.Null(item.Suggestion));
        var question = Assert.Single((await db.LabelTasks.SingleAsync(t => t.Id == task, Ct)).Questions);
        Assert.Equal(["card", "rate"], question.Options);
    }

    [Fact]
    public async Task Doubts_ByAnAnnotator_AndOfRowsWithoutLabels_AreRefused()
    {
        var version = await _portal.AddVersionAsync(_project, Rows());
        var service = _portal.Get<LabelDoubtService>();
        await Assert.ThrowsAsync<ForbiddenException>(() => service.AskAsync(_annotator, _project, version.Id, 2, Ct));
        var unlabeled = await _portal.AddVersionAsync(
            _project,
            Enumerable.Range(0, 3).Select(i => CanonicalRow.Create($"r{i}", i + 1, null, $"text {i}", response: null)),
            "Unlabeled"
        );
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() => service.FindAsync(_lead, _project, unlabeled.Id, Ct));
        Assert.Contains("no labels", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RowsLikeOne_AreTheNearest_WithoutItself()
    {
        var version = await _portal.AddVersionAsync(_project, Rows());
        var like = await _portal.Get<VersionNeighbours>().LikeAsync(_lead, _project, version.DatasetId, 1, "row003", 5, Ct);
        Assert.Equal(5, like.Count);
        Assert.All(like, row => Assert.Equal("card", row.Label));
        Assert.DoesNotContain(like, row => row.RowId == "row003");
        await Assert.ThrowsAsync<NotFoundException>(() =>
            _portal.Get<VersionNeighbours>().LikeAsync(_lead, _project, version.DatasetId, 1, "no such", 5, Ct)
        );
    }
}
