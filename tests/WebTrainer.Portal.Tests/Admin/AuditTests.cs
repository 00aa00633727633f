using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Admin;

/// <summary>The audit log as people read it: sentences with names, filters, and a file.</summary>
public sealed partial class AuditTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Caller _lead = null!;
    private Caller _engineer = null!;
    private Guid _project;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AuditLog Log => _portal.Get<AuditLog>();

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services => services.AddSingleton<AuditLog>().AddSingleton<ProjectService>());
        (_lead, _engineer) = (await _portal.AddUserAsync("lea"), await _portal.AddUserAsync("eli"));
        _project = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer));
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    /// <summary>Reads the sources: an action that is written with no words would be shown as a code.</summary>
    [Fact]
    public void EveryActionOfTheSources_HasWords()
    {
        var actions = Directory
            .EnumerateFiles(Path.Combine(Sources.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Action().Matches(File.ReadAllText(file)).Select(m => m.Groups["action"].Value))
            .Distinct()
            .ToList();
        Assert.True(actions.Count > 60);
        Assert.All(actions, a => Assert.True(AuditWords.Knows(a), a));
    }

    [Fact]
    public async Task Read_NamesWhatWasActedUpon_AndLinksToIt()
    {
        await _portal.Get<ProjectService>().RenameAsync(_lead, _project, "Tickets", "", Ct);
        var line = (await ReadAsync(new(Kind: "project"))).Lines[0];
        Assert.Equal(("renamed the project Tickets", $"/p/{_project}"), (line.Sentence, line.Subject!.Address));
    }

    [Fact]
    public async Task Read_FiltersByPersonKindAndDay()
    {
        var projects = _portal.Get<ProjectService>();
        await projects.RenameAsync(_lead, _project, "Tickets", "", Ct);
        await projects.SetGoalAsync(_lead, _project, null, GoalMetric.MacroF1, 0.8, "", Ct);
        Assert.All((await ReadAsync(new(Kind: "goal"))).Lines, l => Assert.StartsWith("goal.", l.Entry.Action, StringComparison.Ordinal));
        Assert.Empty((await ReadAsync(new(Person: "eli"))).Lines);
        Assert.NotEmpty((await ReadAsync(new(Person: _lead.Name))).Lines);
        var today = DateOnly.FromDateTime(_portal.Clock.GetUtcNow().ToLocalTime().Date);
        Assert.NotEmpty((await ReadAsync(new(From: today, To: today))).Lines);
        Assert.Empty((await ReadAsync(new(From: today.AddDays(1)))).Lines);
        Assert.Empty((await ReadAsync(new(To: today.AddDays(-1)))).Lines);
    }

    [Fact]
    public async Task Export_HasAllThatIsAskedFor_LatestFirst()
    {
        var projects = _portal.Get<ProjectService>();
        await projects.RenameAsync(_lead, _project, "First", "", Ct);
        await projects.RenameAsync(_lead, _project, "Second", "", Ct);
        var rows = await Log.ExportAsync(_lead, _project, new(Kind: "project"), Ct).ToListAsync(Ct);
        Assert.Equal(["time", "who", "what", "action", "subject", "before", "after"], rows[0]);
        Assert.Equal(["project.renamed", "project.renamed"], rows.Skip(1).Select(r => r[3]));
        Assert.Contains("First", rows[1][5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_ByAnEngineer_IsRefused() =>
        await Assert.ThrowsAsync<ForbiddenException>(() => Log.ReadAsync(_engineer, _project, new(), 0, 10, Ct));

    [Theory]
    [InlineData("""{"role":"Engineer"}""", """{"role":"Lead"}""", "role: Engineer → Lead")]
    [InlineData("""{"role":"Engineer","x":1}""", """{"role":"Lead","x":1}""", "role: Engineer → Lead")]
    [InlineData(null, """{"note":"Ana"}""", "note: Ana")]
    [InlineData("""{"note":"Ana"}""", null, "note: Ana →")]
    public void Changes_SayOnlyWhatChanged(string? before, string? after, string expected) =>
        Assert.Equal([expected], AuditWords.Changes(before, after));

    private Task<AuditPage> ReadAsync(AuditQuery query) => Log.ReadAsync(_lead, _project, query, 0, 50, Ct);

    [GeneratedRegex(
        "(Audit|AuditIn|RefuseAsync)\\(\\s*\"(?<action>[a-z-]+\\.[a-z-]+)\"",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Action();
}
