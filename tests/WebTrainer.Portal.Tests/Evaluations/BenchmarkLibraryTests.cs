using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Tests.Datasets;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class BenchmarkLibraryTests : DatasetsTest
{
    private const string Sums = "What is 1+1?,1,2,3,4,B\n";

    private BenchmarkLibrary Library => ActivatorUtilities.CreateInstance<BenchmarkLibrary>(Portal.Services);

    [Fact]
    public async Task PublishedFile_IsRecognisedKeptAndAudited_AndItsUploadIsGone()
    {
        var upload = await UploadAsync("sums_test.csv", Sums);
        var added = await Library.AddAsync(Lead, Project, upload.Id, Ct);
        Assert.Equal((BenchmarkKind.Mmlu, 1, "sums_test.csv"), (added.Kind, added.Questions, added.Name));
        Assert.Equal(Sums, await File.ReadAllTextAsync(Portal.Get<FileStore>().PathOf(added.Sha256), Ct));
        Assert.Equal([added], await Library.ListAsync(Reviewer, Project, Ct));
        await using var db = Portal.OpenDb();
        Assert.Empty(await db.Uploads.ToListAsync(Ct));
        Assert.Contains("benchmark.added", await db.Audit.Select(entry => entry.Action).ToListAsync(Ct));
    }

    [Fact]
    public async Task SameFileAsUploadAndBenchmark_DiscardingTheUploadKeepsTheBenchmark()
    {
        var added = await Library.AddAsync(Lead, Project, (await UploadAsync("sums_test.csv", Sums)).Id, Ct);
        await Uploads.DiscardAsync(Lead, Project, (await UploadAsync("copy.csv", Sums)).Id, Ct);
        Assert.True(File.Exists(Portal.Get<FileStore>().PathOf(added.Sha256)));
    }

    [Fact]
    public async Task UnknownFile_IsRefusedWithWhatCanBeRead()
    {
        var upload = await UploadAsync("rows.csv", TwoLabels);
        var error = await Assert.ThrowsAsync<RuleViolationException>(() => Library.AddAsync(Lead, Project, upload.Id, Ct));
        Assert.Contains("GSM8K", error.Message, StringComparison.Ordinal);
        Assert.Empty(await Library.ListAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task BrokenRow_IsNamed()
    {
        var upload = await UploadAsync("x.jsonl", "{\"question\": \"1+1?\", \"answer\": \"#### 2\"}\n{\"question\": 3}\n");
        var error = await Assert.ThrowsAsync<RuleViolationException>(() => Library.AddAsync(Lead, Project, upload.Id, Ct));
        Assert.StartsWith("x.jsonl, line 2: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SameName_IsRefusedUntilItIsTakenAway()
    {
        var first = await Library.AddAsync(Lead, Project, (await UploadAsync("sums_test.csv", Sums)).Id, Ct);
        var again = await UploadAsync("sums_test.csv", Sums + Sums);
        await Assert.ThrowsAsync<RuleViolationException>(() => Library.AddAsync(Lead, Project, again.Id, Ct));
        await Library.RemoveAsync(Lead, Project, first.Id, Ct);
        Assert.Equal(2, (await Library.AddAsync(Lead, Project, again.Id, Ct)).Questions);
    }

    [Fact]
    public async Task OthersAndAnnotators_SeeAndChangeNothing()
    {
        var added = await Library.AddAsync(Lead, Project, (await UploadAsync("sums_test.csv", Sums)).Id, Ct);
        var elsewhere = await Portal.AddProjectAsync(Stranger);
        await Assert.ThrowsAsync<NotFoundException>(() => Library.ListAsync(Stranger, Project, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Library.RemoveAsync(Stranger, elsewhere, added.Id, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Library.RemoveAsync(Annotator, Project, added.Id, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Library.ListAsync(Annotator, Project, Ct));
    }
}
