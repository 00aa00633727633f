using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class VersionTests : DatasetsTest
{
    [Fact]
    public async Task Import_Split_Publish_GivesFilesWhoseHashesAreTrue()
    {
        var imported = await ImportAsync("Rows", Table(200));
        var split = await DataSplits.SplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(0.1, 0.2, 7, null, false), Ct);
        Assert.Equal((2, VersionKind.Split, 200L), (split.Number, split.Kind, split.Rows));
        Assert.Equal(imported.Id, Assert.Single(split.Parents).Id);

        await DataPublishing.PublishAsync(Lead, Project, split.DatasetId, 2, Ct);
        var published = Assert.Single(await Data.PublishedAsync(Reviewer, Project, Ct));
        Assert.Equal(["label0", "label1", "label2", "label3"], published.Files.Labels);
        Assert.Equal((140L, 20L, 40L), (published.Files.Train!.Rows, published.Files.Validation!.Rows, published.Files.Test!.Rows));
        foreach (var file in new[] { published.Files.Train, published.Files.Validation, published.Files.Test })
        {
            Assert.True(Path.IsPathFullyQualified(file.Path));
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file.Path, Ct))));
        }

        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Audit_NamesEachStep_AndHoldsNoRow()
    {
        var version = await ImportAsync("Rows", Table(40, "Secretword"));
        var split = await DataSplits.SplitAsync(Lead, Project, version.DatasetId, 1, new SplitRecipe(0.2, 0.2, 7, null, false), Ct);
        await DataPublishing.PublishAsync(Lead, Project, split.DatasetId, 2, Ct);
        await DataExports.ExportAsync(Reviewer, Project, split.DatasetId, 2, ExportFormat.Csv, null, Ct);
        await using var db = Portal.OpenDb();
        var audit = await db.Audit.OrderBy(a => a.Id).ToListAsync(Ct);
        Assert.Equal(
            ["upload.completed", "upload.read", "dataset.imported", "dataset.split", "dataset.published", "dataset.exported"],
            audit.Select(a => a.Action)
        );
        Assert.DoesNotContain(audit, a => (a.Before + a.After).Contains("Secretword", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Split_WithAnOfficialTest_ReportsLeaksAndDropsThemWhenAsked()
    {
        var train = await ImportAsync("Train", Table(40) + "Message number 1001,label1\n");
        var test = await ImportAsync("Test", "text,label\nMessage number 1001,label1\nmessage  NUMBER 3,label3\nSomething else,label0\n");

        var leaky = await DataSplits.SplitAsync(Lead, Project, train.DatasetId, 1, new SplitRecipe(0.1, 0, 7, test.Id, false), Ct);
        Assert.Equal(2, RecipeOf<SplitSummary>(leaky).Leaks);
        Assert.Equal(44, leaky.Rows);
        var clean = await DataSplits.SplitAsync(Lead, Project, train.DatasetId, 1, new SplitRecipe(0.1, 0, 7, test.Id, true), Ct);
        Assert.True(RecipeOf<SplitSummary>(clean).LeaksDropped);
        Assert.Equal(42, clean.Rows);

        // Each row leads back to the file it came from.
        var rows = await DataRows.RowsAsync(Lead, Project, clean.DatasetId, clean.Number, new RowQuery(), Ct);
        var judged = await DataRows.RowAsync(
            Lead,
            Project,
            clean.DatasetId,
            clean.Number,
            rows.Rows.First(r => r.Split == DataSplit.Test).Id,
            Ct
        );
        Assert.Equal("Test.csv", judged.SourceFile);
        var learned = await DataRows.RowAsync(
            Lead,
            Project,
            clean.DatasetId,
            clean.Number,
            rows.Rows.First(r => r.Split == DataSplit.Train).Id,
            Ct
        );
        Assert.Equal("Train.csv", learned.SourceFile);
        Assert.Equal(2, (await Data.LineageAsync(Lead, Project, train.DatasetId, 1, Ct)).Children.Count);
    }

    [Fact]
    public async Task Import_OfTheSameName_IsTheNextVersion()
    {
        await ImportAsync("Rows", Table(40));
        var second = await ImportAsync("Rows", Table(50));
        Assert.Equal(2, second.Number);
        Assert.Single(await Data.ListAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task Publish_RefusesWhatIsNotSplit_AndASecondTime()
    {
        var imported = await ImportAsync("Rows", Table(40));
        await Assert.ThrowsAsync<RuleViolationException>(() => DataPublishing.PublishAsync(Lead, Project, imported.DatasetId, 1, Ct));
        await DataSplits.SplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(0.2, 0.2, 7, null, false), Ct);
        await DataPublishing.PublishAsync(Lead, Project, imported.DatasetId, 2, Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => DataPublishing.PublishAsync(Lead, Project, imported.DatasetId, 2, Ct));
    }

    [Theory]
    [InlineData(0.6, 0.4)]
    [InlineData(-0.1, 0.1)]
    [InlineData(double.NaN, 0.1)]
    public async Task Split_WithImpossibleShares_IsRefused(double validation, double test)
    {
        var imported = await ImportAsync("Rows", Table(40));
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataSplits.StartSplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(validation, test, 7, null, false), Ct)
        );
    }

    [Fact]
    public async Task Import_NotesBrokenRowsByLineAndField()
    {
        var version = await ImportAsync("Rows", TwoLabels + ",card\nNo label here,\n");
        var report = RecipeOf<ImportSummary>(version);
        Assert.Equal((6L, 4L, 2L), (report.RecordsRead, report.RowsKept, report.ProblemCount));
        Assert.Equal([(6L, "text"), (7L, "label")], report.Problems.Select(p => (p.Line, p.Key!)));
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task Import_OfABadFile_SaysWhyAndMakesNothing(string name, byte[] bytes, string says)
    {
        var upload = await UploadAsync(name, bytes);
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            DataImports.ImportAsync(Lead, Project, upload.Id, "Bad", null, Ct)
        );
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        await NothingMadeAsync();
        var operation = Assert.Single(await Data.OperationsAsync(Lead, Project, Ct));
        Assert.Equal(refusal.Message, operation.Error);
    }

    public static TheoryData<string, byte[], string> BadFiles =>
        new()
        {
            { "archive.zip", [0x50, 0x4B, 0x03, 0x04, 0, 0, 0, 0], "ZIP archive" },
            { "empty.csv", "\n\n\n"u8.ToArray(), "empty lines" },
            { "latin1.csv", [.. "text,label\n"u8, 0xE9, 0xE8, .. ",a\n"u8], "Line 2" },
            { "columns.csv", "alpha,beta,gamma\n1,2,3\n4,5,6\n"u8.ToArray(), "fields" },
            { "broken.jsonl", "{\"text\": \n{\"text\"\n"u8.ToArray(), "Line 1" },
        };

    [Fact]
    public async Task Import_OfAPackedTable_IsThatOfTheTable()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(TwoLabels), Ct);
        }

        var upload = await UploadAsync("rows.csv.gz", packed.ToArray());
        var version = await DataImports.ImportAsync(Lead, Project, upload.Id, "Packed", null, Ct);
        Assert.Equal((4L, "rows.csv.gz"), (version.Rows, version.SourceFile));
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    [Fact]
    public async Task Import_OfADocument_LeadsEachRowBackToItsPlace()
    {
        var upload = await UploadAsync("guide.md", "# Cards\n\nSent by mail.\n\n# Money\n\nTwo days.\n"u8.ToArray());
        var version = await DataImports.ImportAsync(Lead, Project, upload.Id, "Guide", null, Ct);
        var rows = await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, new RowQuery { Contains = "Two" }, Ct);
        var row = await DataRows.RowAsync(Lead, Project, version.DatasetId, 1, Assert.Single(rows.Rows).Id, Ct);
        Assert.Equal(("guide.md", "Money", "Two days."), (row.SourceFile, row.Place!.Heading, row.Place.Text));
    }

    [Fact]
    public async Task Import_OfALineOfAHundredMegabytes_IsRefusedByItsLine()
    {
        var bytes = new byte[100_000_000];
        Array.Fill(bytes, (byte)'a');
        Encoding.ASCII.GetBytes("{\"text\":\"ok\",\"label\":\"a\"}\n").CopyTo(bytes, 0);
        var upload = await UploadAsync("long.jsonl", bytes);
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            DataImports.ImportAsync(Lead, Project, upload.Id, "Long", null, Ct)
        );
        Assert.Equal(2, refusal.Line);
        await NothingMadeAsync();
    }

    [Fact]
    public async Task Import_ByAMappingOfWrongColumns_SaysWhichIsMissing()
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        var mapping = new ColumnMapping
        {
            Shape = DataShape.Label,
            Text = "question",
            Label = "label",
        };
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            DataImports.ImportAsync(Lead, Project, upload.Id, "Rows", mapping, Ct)
        );
        Assert.Contains("'question' is missing", refusal.Message, StringComparison.Ordinal);
        await NothingMadeAsync();
    }

    [Fact]
    public async Task Rows_OfAHundredThousand_ComeInTime()
    {
        var version = await ImportAsync("Many", Table(100_000));
        var query = new RowQuery
        {
            Offset = 90_000,
            Limit = 25,
            Sort = RowSort.Prompt,
        };
        await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, query, Ct);
        var best = double.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var clock = Stopwatch.StartNew();
            var page = await DataRows.RowsAsync(Lead, Project, version.DatasetId, 1, query with { Offset = 50_000 + i }, Ct);
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
            Assert.Equal((25, 100_000L), (page.Rows.Count, page.Total));
        }

        Assert.True(best < 200, $"The fastest of five pages took {best:0} ms.");
    }

    private async Task NothingMadeAsync()
    {
        await using var db = Portal.OpenDb();
        Assert.False(await db.Datasets.AnyAsync(Ct));
        Assert.False(await db.DatasetVersions.AnyAsync(Ct));
        Assert.Empty(Directory.GetFileSystemEntries(Folder.Temporary));
    }

    private static T RecipeOf<T>(VersionView version) =>
        System.Text.Json.JsonSerializer.Deserialize<T>(version.Report, Protocol.ProtocolJson.Line)!;
}
