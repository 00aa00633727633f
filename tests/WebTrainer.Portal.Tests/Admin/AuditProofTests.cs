using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MudBlazor.Services;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;
using WebTrainer.Domain;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Tests.Shared;
using WebTrainer.Proof.Heads;

namespace WebTrainer.Portal.Tests.Admin;

/// <summary>The audit log proves itself: on its page, by the command, and with heads that a portal signs when it stops.</summary>
public sealed class AuditProofTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private Caller _admin = null!;
    private Caller _lead = null!;
    private Caller _engineer = null!;
    private Guid _project;

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    private AuditProof Proof => _portal.Get<AuditProof>();

    private AuditLog Log => _portal.Get<AuditLog>();

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.StartAsync(services =>
            services.AddSingleton<AuditLog>().AddSingleton<AuditProof>().AddSingleton<ProjectService>().AddSingleton<AuditSigner>()
        );
        (_admin, _lead, _engineer) = (
            await _portal.AddUserAsync("ada"),
            await _portal.AddUserAsync("lea"),
            await _portal.AddUserAsync("eli")
        );
        await using (var db = _portal.OpenDb())
        {
            await db.Users.Where(u => u.Id == _admin.UserId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsAdmin, true), Ct);
        }

        _project = await _portal.AddProjectAsync(_lead, (_engineer, ProjectRole.Engineer));
        await _portal.Get<ProjectService>().RenameAsync(_lead, _project, "Tickets", "", Ct);
        await _portal.Get<ProjectService>().RenameAsync(_lead, _project, "Questions", "", Ct);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Verify_ByALeadAndAnAdministrator_IsWhole_AndInTheLog()
    {
        Assert.True((await Proof.VerifyAsync(_lead, _project, Ct)).IsWhole);
        var report = await Proof.VerifyAsync(_admin, null, Ct);
        Assert.True(report.IsWhole);
        Assert.Equal(3, report.Entries);
        Assert.Contains("Audit:HeadsFile", Proof.BesideTheLog, StringComparison.Ordinal);
        Assert.Equal("checked the audit log", (await Log.ReadAsync(_admin, null, new(), 0, 1, Ct)).Lines[0].Sentence);
    }

    [Fact]
    public async Task Verify_OfAChangedEntry_NamesIt_AndThePageShowsTheLogAllTheSame()
    {
        await TamperAsync("UPDATE Audit SET Before = 'x' WHERE Id = 2");
        var finding = Assert.Single((await Proof.VerifyAsync(_lead, _project, Ct)).Findings);
        Assert.Equal("Entry 2 was changed after it was written.", finding.Sentence);
        var line = (await Log.ReadAsync(_lead, _project, new(Kind: "project"), 0, 1, Ct)).Lines[0];
        Assert.NotEmpty(AuditWords.Changes(line.Entry.Before, line.Entry.After));
    }

    [Fact]
    public async Task Verify_ByAnEngineer_IsRefused()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Proof.VerifyAsync(_engineer, _project, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Proof.VerifyAsync(_lead, null, Ct));
    }

    [Fact]
    public async Task Erase_ByAnAdministrator_TakesTheDetailsAlone()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Proof.EraseDetailsAsync(_lead, _project, Ct));
        Assert.Contains("Tickets", (await CsvAsync())[1][5], StringComparison.Ordinal);
        await Proof.EraseDetailsAsync(_admin, _project, Ct);
        var rows = await CsvAsync();
        Assert.All(rows.Skip(1), row => Assert.Equal(AuditDecryption.Erased, row[5]));
        Assert.Equal(
            "erased the details in the audit log of Questions",
            (await Log.ReadAsync(_admin, null, new(), 0, 1, Ct)).Lines[0].Sentence
        );
        Assert.True((await Proof.VerifyAsync(_admin, null, Ct)).IsWhole);
        await _portal.Get<ProjectService>().RenameAsync(_lead, _project, "Later", "", Ct);
        Assert.Contains("Questions", (await CsvAsync())[1][5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Panel_ChecksTheLog_AndNamesWhatIsWrong()
    {
        await using var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser.Services.AddSingleton(Proof).AddSingleton(_portal.Get<AuditSigner>());
        browser
            .AddAuthorization()
            .SetAuthorized(_lead.Name)
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, _lead.UserId), new Claim(Caller.DisplayNameClaim, _lead.Name));
        browser.Render<MudBlazor.MudPopoverProvider>();
        var panel = browser.Render<AuditProofPanel>(p => p.Add(a => a.ProjectId, _project));
        Assert.Empty(panel.FindAll("[data-test=audit-erase]")); // administrators alone
        Assert.Contains("Audit:KeysFile", panel.Markup, StringComparison.Ordinal);
        await panel.Find("[data-test=audit-verify]").ClickAsync(new());
        var report = panel.WaitForElement("[data-test=audit-report]", TimeSpan.FromSeconds(30));
        Assert.Contains("Of 2 entries each is as it was written", report.TextContent, StringComparison.Ordinal);
        await TamperAsync("DELETE FROM Audit WHERE Id = 2");
        await panel.Find("[data-test=audit-verify]").ClickAsync(new());
        panel.WaitForAssertion(
            () => Assert.Contains("Entry 2 is missing", panel.Find("[data-test=audit-report]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
    }

    [Fact]
    public async Task Command_SaysWhetherTheLogIsWhole()
    {
        var data = _portal.Get<DataFolder>();
        Assert.Equal(0, Run(data.Root, ["verify"]));
        Assert.Equal(0, Run(data.Root, ["prove", "1"]));
        Assert.Contains(
            "never had",
            Assert.Throws<StartFailureException>(() => Run(data.Root, ["prove", "9"])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("audit verify", Assert.Throws<StartFailureException>(() => Run(data.Root, [])).Message, StringComparison.Ordinal);
        await TamperAsync("DELETE FROM Audit WHERE Id = 1");
        Assert.Equal(1, Run(data.Root, ["verify"]));
    }

    [Theory]
    [InlineData("audit verify", "verify")]
    [InlineData("--contentRoot /x audit verify --Audit:HeadsFile copy.jsonl", "verify")]
    [InlineData("--Portal:Demo=true audit prove 5", "prove 5")]
    [InlineData("--urls http://127.0.0.1:5080", null)]
    [InlineData("--Portal:DataFolder audit", null)]
    public void Command_IsFoundAmongSettings(string arguments, string? expected) =>
        Assert.Equal(expected?.Split(' '), CommandWords.Find(arguments.Split(' '), AuditCommand.Name)?.Words);

    [Fact]
    public async Task Portal_ThatStops_SignsAHead_AndTheNextOneGoesOnFromIt()
    {
        var folder = Directory.CreateTempSubdirectory("webtrainer-web-").FullName;
        var heads = Path.Combine(Directory.CreateTempSubdirectory("webtrainer-heads-").FullName, "heads.jsonl");
        try
        {
            foreach (var size in (long[])[1, 2])
            {
                await using var portal = new WebPortal(folder);
                portal.Settings["Audit:HeadsFile"] = heads;
                await using (var db = await portal.Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync(Ct))
                {
                    db.Audit.Add(new AuditEntry(DateTimeOffset.UtcNow, "1", "Ada", null, "account.signed-in", "1", null, null));
                    await db.SaveChangesAsync(Ct);
                }

                await portal.Services.GetRequiredService<IHost>().StopAsync(Ct);
                Assert.Equal(size, new HeadFile(heads).Read(out _)[^1].Size);
            }

            Assert.True(File.Exists(heads + ".public.pem"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Directory.Delete(Path.GetDirectoryName(heads)!, recursive: true);
        }
    }

    private async Task<List<IReadOnlyList<string?>>> CsvAsync() =>
        await Log.ExportAsync(_lead, _project, new(Kind: "project"), Ct).ToListAsync(Ct);

    private async Task TamperAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_portal.Get<DataFolder>().Database};Pooling=False");
        await connection.OpenAsync(Ct);
        await using var command = connection.CreateCommand();
        command.CommandText = $"DROP TRIGGER Audit_NoUpdate; DROP TRIGGER Audit_NoDelete; {sql}";
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static int Run(string folder, string[] words) =>
        AuditCommand.Run(
            words,
            new ConfigurationBuilder().AddInMemoryCollection([new("Portal:DataFolder", folder)]).Build(),
            new FakeHost(folder),
            Ct
        );
}
