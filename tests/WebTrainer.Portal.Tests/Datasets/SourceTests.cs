using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Sources;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Sources: kept, synced into versions, and what nobody learns of them.</summary>
public sealed class SourceTests : DatasetsTest
{
    private const string Canary = "canary-password";

    private SourceService Sources => Portal.Get<SourceService>();

    [Fact]
    public async Task Sync_AddsWhatIsNew_EachRowLeadsBackToItsFile()
    {
        AllowAirbyte();
        var source = await Sources.SaveAsync(Lead, Project, null, Form(tickets: 3), Ct);
        var first = await SyncAsync(source.Id);
        Assert.Equal(1, first.Number);
        Assert.Equal(first, await SyncAsync(source.Id)); // nothing is new: no version is made

        await Sources.SaveAsync(Lead, Project, source.Id, Form(tickets: 5), Ct);
        var second = await SyncAsync(source.Id);
        Assert.Equal(2, second.Number);
        var rows = (await DataRows.RowsAsync(Lead, Project, second.DatasetId, 2, new RowQuery(), Ct)).Rows;
        Assert.Equal(
            ["What is ticket 1?", "What is ticket 2?", "What is ticket 3?", "What is ticket 4?", "What is ticket 5?"],
            rows.Select(r => r.Prompt)
        );
        var before = (await DataRows.RowsAsync(Lead, Project, second.DatasetId, 1, new RowQuery(), Ct)).Rows;
        Assert.Equal(before.Select(r => r.Id), rows.Take(3).Select(r => r.Id));
        Assert.All(
            rows,
            row =>
                Assert.Equal(
                    "tickets.jsonl",
                    DataRows.RowAsync(Lead, Project, second.DatasetId, 2, row.Id, Ct).GetAwaiter().GetResult().SourceFile
                )
        );
        Assert.Equal(2, (await DataDocuments.SourcesAsync(Lead, Project, second.DatasetId, 2, Ct)).Count);
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Sync_ThatFails_LeavesStateAndVersionsAsTheyWere()
    {
        AllowAirbyte();
        var source = await Sources.SaveAsync(Lead, Project, null, Form(tickets: 9, fails: "halfway"), Ct);
        await Assert.ThrowsAsync<DataProblemException>(() => SyncAsync(source.Id));
        await using var db = Portal.OpenDb();
        Assert.Null((await db.DataSources.SingleAsync(Ct)).State);
        Assert.Empty(db.DatasetVersions);
        Assert.Empty(db.Uploads);
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Secret_IsEncrypted_NeverShown_AndGoesNowhereElse()
    {
        AllowAirbyte();
        var source = await Sources.SaveAsync(Lead, Project, null, Form(tickets: 1), Ct);
        Assert.True(source.HasSecret);
        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(await Sources.ListAsync(Lead, Project, Ct)), StringComparison.Ordinal);
        await using (var db = Portal.OpenDb())
        {
            Assert.DoesNotContain(Canary, (await db.DataSources.SingleAsync(Ct)).Secret, StringComparison.Ordinal);
            Assert.DoesNotContain(await db.Audit.ToListAsync(Ct), a => (a.After ?? "").Contains(Canary, StringComparison.Ordinal));
        }

        // Kept credentials are not sent to an address that somebody else types.
        Portal.Get<IOptions<ConnectorOptions>>().Value.AllowedHosts.Add("127.0.0.1");
        var web = new SourceForm(
            SourceKind.Web,
            "web",
            new SourceSettings { Url = "http://127.0.0.1:9/a" },
            new SourceSecret { Token = Canary },
            "Rows"
        );
        var kept = await Sources.SaveAsync(Lead, Project, null, web, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Sources.TestAsync(
                Lead,
                Project,
                kept.Id,
                web with
                {
                    Secret = null,
                    Settings = new SourceSettings { Url = "http://127.0.0.1:10/b" },
                },
                Ct
            )
        );
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Sources.SaveAsync(
                Lead,
                Project,
                kept.Id,
                web with
                {
                    Secret = null,
                    Settings = new SourceSettings { Url = "http://127.0.0.1:10/b" },
                },
                Ct
            )
        );
        Assert.True((await Sources.SaveAsync(Lead, Project, kept.Id, web with { Secret = null, Name = "another name" }, Ct)).HasSecret);
    }

    [Fact]
    public async Task Rights_OfEachUseCase_AreChecked()
    {
        AllowAirbyte();
        var source = await Sources.SaveAsync(Lead, Project, null, Form(tickets: 1), Ct);
        foreach (var caller in (Caller[])[Reviewer, Annotator])
        {
            await Assert.ThrowsAsync<ForbiddenException>(() => Sources.ListAsync(caller, Project, Ct));
            await Assert.ThrowsAsync<ForbiddenException>(() => Sources.StartSyncAsync(caller, Project, source.Id, Ct));
            await Assert.ThrowsAsync<ForbiddenException>(() => Sources.TestAsync(caller, Project, source.Id, Form(1), Ct));
        }

        var other = await Portal.AddProjectAsync(Stranger);
        await Assert.ThrowsAsync<NotFoundException>(() => Sources.StartSyncAsync(Stranger, other, source.Id, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Sources.RemoveAsync(Stranger, other, source.Id, Ct));
    }

    [Theory]
    [InlineData("0 0 3 * * ?", true)]
    [InlineData("0 0/5 * * * ?", true)]
    [InlineData("* * * * * ?", false)]
    [InlineData("every night", false)]
    [InlineData("", false)]
    [InlineData("0 0 0 30 2 ?", false)] // a day that never comes
    [InlineData("0 0 0 31 4,6,9,11 ?", false)]
    [InlineData("0 0 0 1 1 ? 2019", false)] // a year that is past
    [InlineData("0 0 0 29 2 ? 2027", false)]
    [InlineData("0 0 0 29 2 ?", true)] // a day that comes every fourth year
    [InlineData("0,59 0 * * * ?", false)] // two seconds in a minute, whatever the time is
    [InlineData("59,0 30 12 * * ?", false)]
    [InlineData("99 0 3 * * ?", false)]
    [InlineData("0 0 3 * * ? 99999", false)]
    public void Schedule_IsACronExpression_WithATimeToCome_NotTooOften(string schedule, bool good)
    {
        foreach (var second in (int[])[0, 1, 30, 59])
        {
            Assert.Equal(good, SourceSchedules.Fault(schedule, new DateTimeOffset(2026, 11, 28, 12, 0, second, TimeSpan.Zero)) is null);
        }
    }

    [Fact]
    public async Task SyncThatFellDueAndWasRefused_IsToldAtItsSource_UntilOneIsBegun()
    {
        var kept = await Sources.SaveAsync(
            Lead,
            Project,
            null,
            new SourceForm(
                SourceKind.Web,
                "f",
                new SourceSettings { Url = "https://example.org/a" },
                null,
                "Rows",
                Schedule: "0 0 3 * * ?"
            ),
            Ct
        );
        var schedules = Portal.Get<SourceSchedules>();
        schedules.Note(kept.Id, "There is no room.");
        Assert.Contains("no room", Assert.Single(await Sources.ListAsync(Lead, Project, Ct)).Problem, StringComparison.Ordinal);
        schedules.Note(kept.Id, refusal: null);
        Assert.Null(Assert.Single(await Sources.ListAsync(Lead, Project, Ct)).Problem);
    }

    [Fact]
    public async Task Test_IsInTheAuditLog_WithoutItsAddress()
    {
        var form = new SourceForm(
            SourceKind.Web,
            "f",
            new SourceSettings { Url = "https://no-such-host.invalid/rows.csv?key=canary" },
            null,
            "Rows"
        );
        await Assert.ThrowsAnyAsync<Exception>(() => Sources.TestAsync(Lead, Project, null, form, Ct));
        await using var db = Portal.OpenDb();
        var noted = Assert.Single(await db.Audit.Where(e => e.Action == "source.tested").ToListAsync(Ct));
        Assert.Contains("no-such-host.invalid", noted.After, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", noted.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedule_WithNoTimeToCome_IsRefusedBeforeItIsKept()
    {
        SourceForm[] forms =
        [
            .. ((string[])["0 0 0 30 2 ?", "0 0 0 1 1 ? 2019"]).Select(s => new SourceForm(
                SourceKind.Web,
                "f",
                new SourceSettings { Url = "https://example.org/a" },
                null,
                "Rows",
                Schedule: s
            )),
        ];
        foreach (var form in forms)
        {
            Assert.Contains(
                "still to come",
                (await Assert.ThrowsAsync<RuleViolationException>(() => Sources.SaveAsync(Lead, Project, null, form, Ct))).Message,
                StringComparison.Ordinal
            );
        }

        Assert.Empty(await Sources.ListAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task Settings_ThatReachTooFar_AreRefusedBeforeTheyAreKept()
    {
        SourceForm[] forms =
        [
            Form(1), // no program is allowed
            new(SourceKind.Folder, "f", new SourceSettings { Path = "/etc" }, null, "Rows"),
            new(SourceKind.Sqlite, "f", new SourceSettings { Path = Folder.Database, Query = "SELECT 1" }, null, "Rows"),
            new(SourceKind.Web, "f", new SourceSettings { Url = "file:///etc/passwd" }, null, "Rows"),
            new(SourceKind.Web, "f", new SourceSettings { Url = "https://example.org/a" }, null, "Rows", Schedule: "* * * * * ?"),
        ];
        foreach (var form in forms)
        {
            if (form.Kind == SourceKind.Sqlite)
            {
                await Assert.ThrowsAsync<DataProblemException>(() => Sources.TestAsync(Lead, Project, null, form, Ct));
            }
            else
            {
                await Assert.ThrowsAsync<RuleViolationException>(() => Sources.SaveAsync(Lead, Project, null, form, Ct));
            }
        }
    }

    private async Task<Features.Datasets.Operations.VersionKey> SyncAsync(Guid source) =>
        await (await Sources.StartSyncAsync(Lead, Project, source, Ct)).Completion.WaitAsync(Ct);

    private static SourceForm Form(int tickets, string fails = "") =>
        new(
            SourceKind.Airbyte,
            "Tickets",
            new SourceSettings { Command = "tickets", Stream = "tickets" },
            new SourceSecret { Configuration = $$"""{"tickets":{{tickets}},"fails":"{{fails}}","password":"{{Canary}}"}""" },
            "Tickets"
        );

    private void AllowAirbyte() =>
        Portal.Get<IOptions<ConnectorOptions>>().Value.AirbyteCommands["tickets"] = new AirbyteCommand
        {
            File = "dotnet",
            Arguments = [Path.Combine(AppContext.BaseDirectory, "WebTrainer.AirbyteSource.dll")],
        };
}
