using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Auditing;
using WebTrainer.Domain.Audit;
using WebTrainer.Proof;
using WebTrainer.Proof.Heads;

namespace WebTrainer.Data.Tests;

/// <summary>Somebody changes the database's file past the portal: each change is found and named by its entry.</summary>
public sealed class AuditDrillTests(AuditDrillTests.Log log) : IClassFixture<AuditDrillTests.Log>, IAsyncLifetime
{
    private const int Entries = 20;
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private static readonly Guid s_project = Guid.NewGuid();
    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("webtrainer-data-").FullName);
    private ServiceProvider _services = null!;
    private AuditHeads _heads = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ProofKeys Keys => _services.GetRequiredService<ProofKeys>();

    private HeadFile HeadFile => _services.GetRequiredService<AuditFiles>().OpenHeads();

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Audit);
        foreach (var (from, to) in new[] { (log.Folder.Audit, _folder.Audit), (log.Folder.Root, _folder.Root) })
        {
            foreach (var file in Directory.GetFiles(from))
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }

        _services = new ServiceCollection().AddWebTrainerData(_folder).BuildServiceProvider();
        _heads = new AuditHeads(Keys, HeadFile);
        await using var db = Open();
        await _heads.ReadOnAsync(db, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder.Root, recursive: true);
    }

    [Fact]
    public void Untouched_IsWhole()
    {
        var report = Verify();
        Assert.Empty(report.Findings);
        Assert.Equal((Entries, 4, 20L, null), (report.Entries, report.Heads, report.LastSigned, report.SealedLater));
    }

    [Theory]
    [InlineData("UserName", "'Mallory'")]
    [InlineData("At", "\"At\" + 1")]
    [InlineData("UserId", "'2'")]
    [InlineData("ProjectId", "NULL")]
    [InlineData("Action", "'run.rejected'")]
    [InlineData("Subject", "'run-8'")]
    [InlineData("Before", "'{}'")]
    [InlineData("After", "NULL")]
    [InlineData("After", "CAST(\"After\" AS BLOB)")]
    public void Changed_AnyColumn_IsNamed(string column, string value)
    {
        Tamper($"UPDATE \"Audit\" SET \"{column}\" = {value} WHERE \"Id\" = 7");
        AssertFindings(Verify(), (AuditFault.Changed, 7));
    }

    [Fact]
    public void Deleted_IsNamed()
    {
        Tamper("DELETE FROM \"Audit\" WHERE \"Id\" = 7");
        AssertFindings(Verify(), (AuditFault.Missing, 7));
    }

    [Fact]
    public void Deleted_WithItsSeal_IsNamed()
    {
        Tamper("DELETE FROM \"Audit\" WHERE \"Id\" IN (7, 8); DELETE FROM \"AuditSeals\" WHERE \"EntryId\" IN (7, 8)");
        var report = Verify();
        Assert.Equal((AuditFault.Missing, 7L), (report.Findings[0].Fault, report.Findings[0].EntryId));
        Assert.Contains("Entries 7 to 8 are missing", report.Findings[0].Sentence, StringComparison.Ordinal);
        Assert.Contains(report.Findings, finding => finding is { Fault: AuditFault.OtherThanSigned, EntryId: 6 });
    }

    [Fact]
    public void Inserted_ByAnotherProgram_IsRefusedByTheDatabase_AndWithoutItsTriggerNamed()
    {
        const string Insert =
            "INSERT INTO \"Audit\" (\"At\", \"UserId\", \"UserName\", \"Action\", \"Subject\") VALUES (0, '1', 'Ada', 'run.approved', 'x')";
        using (var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = Insert;
            Assert.Contains(
                "audit_",
                Assert.Throws<SqliteException>(() => (object)command.ExecuteNonQuery()).Message,
                StringComparison.Ordinal
            );
        }

        Tamper(Insert);
        AssertFindings(Verify(), (AuditFault.Unsealed, Entries + 1));
    }

    /// <summary>As one does who knows how seals are made, and has not the keys.</summary>
    [Fact]
    public void Inserted_WithASealOfOtherKeys_IsNamed()
    {
        using var others = ProofKeys.Create();
        TamperAs(
            others,
            "INSERT INTO \"Audit\" (\"At\", \"UserId\", \"UserName\", \"Action\", \"Subject\") VALUES (0, '1', 'Ada', 'run.approved', 'x')"
        );
        AssertFindings(Verify(), (AuditFault.ForeignSeal, Entries + 1));
        Tamper($"UPDATE \"AuditSeals\" SET \"KeyId\" = '{Keys.Id}'");
        AssertFindings(Verify(), (AuditFault.ForeignSeal, Entries + 1));
    }

    /// <summary>Everything from an entry on is written anew with seals that fit: without the keys their marks don't.</summary>
    [Fact]
    public void Changed_AndAllSealedAnew_IsNamed()
    {
        using var others = ProofKeys.Create();
        TamperAs(
            others,
            $"""
            CREATE TEMP TABLE kept AS SELECT * FROM "Audit" WHERE "Id" >= 7;
            DELETE FROM "Audit" WHERE "Id" >= 7; DELETE FROM "AuditSeals" WHERE "EntryId" >= 7;
            UPDATE kept SET "UserName" = 'Mallory' WHERE "Id" = 7;
            INSERT INTO "Audit" SELECT * FROM kept ORDER BY "Id";
            UPDATE "AuditSeals" SET "KeyId" = '{Keys.Id}';
            """
        );
        var report = Verify();
        Assert.Equal((AuditFault.ForeignSeal, 7L), (report.Findings[0].Fault, report.Findings[0].EntryId));
        Assert.Contains(report.Findings, finding => finding is { Fault: AuditFault.OtherThanSigned, EntryId: 6 });
    }

    [Fact]
    public void Swapped_EntriesAlone_AreNamed()
    {
        Tamper("UPDATE \"Audit\" SET \"Id\" = -\"Id\" WHERE \"Id\" IN (7, 8); UPDATE \"Audit\" SET \"Id\" = \"Id\" + 15 WHERE \"Id\" < 0");
        AssertFindings(Verify(), (AuditFault.Changed, 7), (AuditFault.Changed, 8));
    }

    [Fact]
    public void Swapped_WithTheirSeals_AreNamed()
    {
        Tamper(
            """
            UPDATE "Audit" SET "Id" = -"Id" WHERE "Id" IN (7, 8); UPDATE "Audit" SET "Id" = "Id" + 15 WHERE "Id" < 0;
            UPDATE "AuditSeals" SET "EntryId" = -"EntryId" WHERE "EntryId" IN (7, 8);
            UPDATE "AuditSeals" SET "EntryId" = "EntryId" + 15 WHERE "EntryId" < 0;
            """
        );
        var report = Verify();
        Assert.Equal([7, 7, 8, 8, 9], report.Findings.Where(f => f.Fault != AuditFault.OtherThanSigned).Select(f => f.EntryId!.Value));
        Assert.Contains(report.Findings, finding => finding is { Fault: AuditFault.OtherThanSigned, EntryId: 6 });
    }

    [Theory]
    [InlineData(20)]
    [InlineData(13)]
    public async Task CutOff_End_IsNamed_AndNothingIsSignedOverIt(int from)
    {
        Tamper($"DELETE FROM \"Audit\" WHERE \"Id\" >= {from}; DELETE FROM \"AuditSeals\" WHERE \"EntryId\" >= {from}");
        var report = Verify();
        AssertFindings(report, (AuditFault.CutOff, from));
        Assert.Contains("entries up to 20", report.Findings[0].Sentence, StringComparison.Ordinal);

        await WriteAsync("after");
        var next = new AuditHeads(Keys, HeadFile); // the portal is started again
        await using var db = Open();
        await next.ReadOnAsync(db, Ct);
        Assert.Null(next.Sign(s_now));
        Assert.Contains("no longer begins", next.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RolledBack_WholeFile_IsNamed()
    {
        var copy = Path.Combine(_folder.Root, "copy.db");
        await using (var db = Open())
        {
            await db.Database.ExecuteSqlAsync($"VACUUM INTO {copy}", Ct);
        }

        await WriteAsync("later-1");
        await WriteAsync("later-2");
        await SignAsync();
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_folder.Root, "webtrainer.db*"))
        {
            File.Delete(file);
        }

        File.Move(copy, _folder.Database);
        var report = Verify();
        AssertFindings(report, (AuditFault.CutOff, 21));
        Assert.Contains("entries 21 to 22 are missing", report.Findings[0].Sentence, StringComparison.Ordinal);
    }

    /// <summary>What no head reaches to can be cut off unseen; the report says from where on.</summary>
    [Fact]
    public async Task CutOff_BehindTheLastHead_IsNotSeen_WhichTheReportSays()
    {
        await WriteAsync("unsigned");
        Tamper("DELETE FROM \"Audit\" WHERE \"Id\" = 21; DELETE FROM \"AuditSeals\" WHERE \"EntryId\" = 21");
        var report = Verify();
        Assert.True(report.IsWhole);
        Assert.Contains(
            "reaches to entry 20. Of entries after that one the newest could be cut off",
            report.Sentences().ElementAt(1),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Head_OfOtherKeysOrChanged_IsNamed()
    {
        using var others = ProofKeys.Create();
        HeadFile.Append(TreeHead.Sign(others, 20, 20, Digest.Of("x"u8), s_now));
        File.AppendAllText(HeadFile.Path, "not a head\n");
        Assert.Equal([AuditFault.ForeignHead, AuditFault.ForeignHead], Verify().Findings.Select(f => f.Fault));
    }

    [Fact]
    public async Task Heads_OfAPortalThatIsStartedAgain_GoOn()
    {
        await WriteAsync("next");
        var next = new AuditHeads(Keys, HeadFile);
        await using var db = Open();
        await next.ReadOnAsync(db, Ct);
        Assert.Equal(1, next.Ahead);
        Assert.Equal(21, next.Sign(s_now)!.Size);
        Assert.Null(next.Sign(s_now));
        Assert.True(Verify() is { IsWhole: true, Heads: 5, LastSigned: 21 });
    }

    [Fact]
    public async Task Log_OfBefore_IsSealedOnce_AndSaysSince()
    {
        await using var db = Open();
        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER \"AuditSeals_NoDelete\"; DELETE FROM \"AuditSeals\"", Ct);
        File.Delete(HeadFile.Path);
        await AuditSealing.SealEarlierAsync(db, Keys, s_now, Ct);
        await AuditSealing.SealEarlierAsync(db, Keys, s_now, Ct);
        var report = Verify();
        Assert.Empty(report.Findings);
        Assert.Equal((Entries + 1, (long)Entries), (report.Entries, report.SealedLater));
        Assert.Contains("Entries up to 20", report.Sentences().Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_AreEncryptedInTheFile_AndReadAsTheyWere()
    {
        await using var db = Open();
        var entry = await db.Audit.OrderBy(e => e.Id).FirstAsync(Ct);
        Assert.Equal(("""{"role":"Engineer"}""", """{"role":"Lead"}"""), (entry.Before, entry.After));
        Assert.Equal(Entries, await db.Audit.CountAsync(e => e.After!.StartsWith("enc1."), Ct));
        Assert.Equal(1, await db.AuditKeys.CountAsync(Ct));
        await db.SaveChangesAsync(Ct); // reading changes nothing
    }

    [Fact]
    public async Task Details_WhoseKeyIsDeleted_AreErased_AndTheLogIsWhole()
    {
        await WriteAsync(_services, "other", project: null);
        await using (var db = Open())
        {
            await db.AuditKeys.Where(key => key.ProjectId == s_project).ExecuteDeleteAsync(Ct);
        }

        await WriteAsync("after");
        await using var read = Open();
        var entries = await read.Audit.AsNoTracking().OrderBy(e => e.Id).ToListAsync(Ct);
        Assert.All(entries.Take(Entries), entry => Assert.Equal(AuditDecryption.Erased, entry.After));
        Assert.All(entries.Skip(Entries), entry => Assert.Equal("""{"role":"Lead"}""", entry.After));
        Assert.Equal(2, entries.Skip(Entries).Count());
        Assert.Empty(Verify().Findings);
    }

    [Fact]
    public async Task Details_PutIntoAnotherEntry_AreNotRead()
    {
        Tamper("UPDATE \"Audit\" SET \"After\" = (SELECT \"After\" FROM \"Audit\" WHERE \"Id\" = 3) WHERE \"Id\" = 4");
        await using var db = Open();
        Assert.Equal(AuditDecryption.Unreadable, (await db.Audit.SingleAsync(e => e.Id == 4, Ct)).After);
    }

    [Fact]
    public void Keys_ThatAreGone_AreNotMadeAnew()
    {
        var files = _services.GetRequiredService<AuditFiles>();
        File.Delete(files.Keys);
        var fault = Assert.Throws<System.Security.Cryptography.CryptographicException>(() => files.OpenKeys(_folder));
        Assert.Contains(files.Keys, fault.Message, StringComparison.Ordinal);
        Assert.Equal(Keys.Id, (files with { KeysText = Keys.ToPem() }).OpenKeys(_folder).Id);
    }

    [Fact]
    public void Consistency_WithEachSignedHead_IsProved()
    {
        foreach (var head in HeadFile.Read(out _))
        {
            var proof = AuditConsistency.Prove(_folder.Database, head.Size, Ct);
            Assert.Equal((head.Root.ToString(), (long)Entries), (proof.EarlierRoot, proof.LaterSize));
            Assert.True(
                Proof.Merkle.MerkleProof.IsConsistent(
                    head.Size,
                    proof.LaterSize,
                    [.. proof.Path.Select(Digest.Parse)],
                    head.Root,
                    Digest.Parse(proof.LaterRoot)
                )
            );
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => AuditConsistency.Prove(_folder.Database, Entries + 1, Ct));
    }

    /// <summary>Many people at once: each entry follows the one before it.</summary>
    [Fact]
    public async Task Written_ByManyAtOnce_FollowEachOther()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => WriteAsync($"at-once-{i}"), Ct)));
        var report = Verify();
        Assert.Empty(report.Findings);
        Assert.Equal(Entries + 40, report.Entries);
    }

    private AppDb Open() => _services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();

    private Task WriteAsync(string subject) => WriteAsync(_services, subject, s_project);

    private static async Task WriteAsync(ServiceProvider services, string subject, Guid? project)
    {
        await using var db = services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext();
        db.Audit.Add(new AuditEntry(s_now, "1", "Ada", project, "run.approved", subject, """{"role":"Engineer"}""", """{"role":"Lead"}"""));
        await db.SaveChangesAsync(Ct);
    }

    private async Task SignAsync()
    {
        await using var db = Open();
        await _heads.ReadOnAsync(db, Ct);
        Assert.NotNull(_heads.Sign(s_now));
    }

    private AuditReport Verify() => AuditVerifier.Verify(_folder.Database, Keys, HeadFile, Ct);

    /// <summary>As one who has the file and an SQLite program: no trigger holds them.</summary>
    private void Tamper(string sql) => Run(sql, withoutSeals: true, _ => { });

    private void TamperAs(ProofKeys others, string sql) => Run(sql, withoutSeals: false, new AuditFunctions(others).Register);

    private void Run(string sql, bool withoutSeals, Action<SqliteConnection> prepare)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        connection.Open();
        prepare(connection);
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            DROP TRIGGER IF EXISTS "Audit_NoUpdate"; DROP TRIGGER IF EXISTS "Audit_NoDelete"; DROP TRIGGER IF EXISTS "AuditSeals_NoUpdate"; DROP TRIGGER IF EXISTS "AuditSeals_NoDelete";
            {(withoutSeals ? "DROP TRIGGER IF EXISTS \"Audit_Seal\";" : "")}
            {sql};
            """;
        Assert.True(command.ExecuteNonQuery() >= 0);
    }

    private static void AssertFindings(AuditReport report, params (AuditFault Fault, long EntryId)[] expected) =>
        Assert.Equal(expected, report.Findings.Select(finding => (finding.Fault, finding.EntryId!.Value)));

    /// <summary>A log of 20 entries with a head after each five, which each test has a copy of.</summary>
    public sealed class Log : IAsyncLifetime
    {
        public DataFolder Folder { get; } = new(Directory.CreateTempSubdirectory("webtrainer-data-").FullName);

        public async ValueTask InitializeAsync()
        {
            Folder.Prepare();
            await using var services = new ServiceCollection().AddWebTrainerData(Folder).BuildServiceProvider();
            await using (var db = services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContext())
            {
                await db.Database.MigrateAsync(Ct);
                var heads = new AuditHeads(services.GetRequiredService<ProofKeys>(), services.GetRequiredService<AuditFiles>().OpenHeads());
                for (var i = 1; i <= Entries; i++)
                {
                    await WriteAsync(services, $"run-{i}", s_project);
                    if (i % 5 == 0)
                    {
                        await heads.ReadOnAsync(db, Ct);
                        Assert.NotNull(heads.Sign(s_now));
                    }
                }
            }

            SqliteConnection.ClearAllPools(); // closed, all of it is in the one file
        }

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Folder.Root, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
