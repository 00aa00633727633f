using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Finding;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Components;

/// <summary>The palette finds what a person may see, and nothing else.</summary>
public sealed class FindTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Caller _lead = null!;
    private Caller _annotator = null!;
    private Caller _stranger = null!;
    private Guid _project;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services => services.AddFinding());
        (_lead, _annotator, _stranger) = (
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("ann"),
            await _portal.AddUserAsync("sam")
        );
        _project = await _portal.AddProjectAsync(_lead, (_annotator, ProjectRole.Annotator));
        await _portal.AddVersionAsync(
            _project,
            [
                new CanonicalRow
                {
                    Id = "1",
                    Line = 1,
                    Prompt = "My card",
                    Messages = [],
                },
            ],
            "100%_tickets"
        );
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task NothingWritten_ThePagesOfThisProjectThatOneMaySee()
    {
        Assert.Contains(await FindAsync(_lead, ""), f => f is { Kind: "page", Title: "Audit log" });
        Assert.DoesNotContain(await FindAsync(_annotator, ""), f => f.Title == "Audit log");
        Assert.Contains(await FindAsync(_annotator, ""), f => f.Title == "Label and review");
    }

    /// <summary>Signs that stand for other letters in the database are letters here.</summary>
    [Theory]
    [InlineData("tick", true)]
    [InlineData("TICK", true)]
    [InlineData("100%_", true)]
    [InlineData("1%t", false)]
    [InlineData("0_tickets", false)]
    public async Task Dataset_ByLettersOfItsName(string text, bool found) =>
        Assert.Equal(found, (await FindAsync(_lead, text)).Any(f => f is { Kind: "dataset", Title: "100%_tickets" }));

    [Fact]
    public async Task Help_IsFoundByWhatItSays() =>
        Assert.Contains(await FindAsync(_lead, "audit log"), f => f is { Kind: "help", Title: "Audit log" });

    [Fact]
    public async Task Stranger_FindsNothingOfTheProject()
    {
        Assert.DoesNotContain(await FindAsync(_stranger, "tick"), f => f.Kind == "dataset");
        Assert.DoesNotContain(await FindAsync(_stranger, "Project"), f => f.Kind == "project");
    }

    [Fact]
    public async Task Annotator_FindsNoDataset() => Assert.DoesNotContain(await FindAsync(_annotator, "tick"), f => f.Kind == "dataset");

    private Task<IReadOnlyList<Found>> FindAsync(Caller caller, string text) =>
        _portal.Get<FindService>().FindAsync(caller, _project, text, Ct);
}
