using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Leaks that block, audits, rights, and the descriptions that are made of them.</summary>
public sealed class DocumentTests : DatasetsTest
{
    private const string Leaking = "What is the limit of my card when I travel to another country and pay there in cash";

    [Fact]
    public async Task Publish_FindsLeaks_AndOnlyALeadAnswersForThem()
    {
        var version = await PublishedAsync(Leaking);
        Assert.Equal(1, version.Leaks!.Rows);
        Assert.Contains("no run may use", (await DataDocuments.WarningsAsync(Lead, Project, version.Id, Ct))[^1], StringComparison.Ordinal);
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            DataPublishing.AcceptLeaksAsync(Reviewer, Project, version.DatasetId, version.Number, "because", Ct)
        );
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataPublishing.AcceptLeaksAsync(Lead, Project, version.DatasetId, version.Number, " ", Ct)
        );
        await using (var db = Portal.OpenDb())
        {
            Assert.Throws<RuleViolationException>(() => db.DatasetVersions.Single(v => v.Id == version.Id).CheckLeaks());
        }

        await DataPublishing.AcceptLeaksAsync(Lead, Project, version.DatasetId, version.Number, "The question is a set phrase.", Ct);
        var answered = await Data.GetVersionAsync(Reviewer, Project, version.DatasetId, version.Number, Ct);
        Assert.Equal(("The question is a set phrase.", "lead"), (answered.LeakReason, answered.LeakReasonBy));
        await using (var db = Portal.OpenDb())
        {
            db.DatasetVersions.Single(v => v.Id == version.Id).CheckLeaks();
        }
    }

    [Fact]
    public async Task Publish_WithoutLeaks_NeedsNoAnswer()
    {
        var version = await PublishedAsync("Something else");
        Assert.Equal(0, version.Leaks!.Rows);
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataPublishing.AcceptLeaksAsync(Lead, Project, version.DatasetId, version.Number, "because", Ct)
        );
    }

    [Fact]
    public async Task Facts_FollowTheWayBackToTheFile_AndTheCardSaysThem()
    {
        var imported = await ImportAsync(
            "People | jobs",
            "text,label,sex\nOne applied,yes,m\nTwo applied,no,f\nThree applied,yes,m\nFour applied,no,f\n"
        );
        var clean = await DataCleaning.CleanAsync(
            Lead,
            Project,
            imported.DatasetId,
            1,
            new CleanRecipe { Steps = [new ExactDuplicatesStep()] },
            Ct
        );
        var source = Assert.Single(await DataDocuments.SourcesAsync(Reviewer, Project, clean.DatasetId, 2, Ct));
        await DataDocuments.NoteRightsAsync(
            Lead,
            Project,
            source.UploadId,
            SourceRights.OfLicense("CC-BY-4.0")! with
            {
                Origin = "https://example.org",
            },
            Ct
        );
        await DataDocuments.DescribeAsync(
            Lead,
            Project,
            clean.DatasetId,
            new SheetAnswers
            {
                Description = "Applications.<script>",
                Languages = "English, فارسی, many",
                Keywords = "jobs",
            },
            Ct
        );
        await DataDocuments.AuditBiasAsync(Lead, Project, clean.DatasetId, 2, new BiasQuestion("sex", null, "yes"), Ct);

        var facts = await DataDocuments.FactsAsync(Reviewer, Project, clean.DatasetId, 2, Ct);
        Assert.Equal(["CC-BY-4.0"], facts.Licenses);
        Assert.Equal(["sex"], facts.ExtraColumns);
        Assert.Equal(2, facts.History.Count);
        Assert.Empty(facts.Conflicts);
        var card = DatasetCard.Write(facts);
        Assert.Contains("license: \"cc-by-4.0\"\nlanguage: [\"en\", \"fa\"]", card, StringComparison.Ordinal);
        Assert.Contains("size_categories: [\"n<1K\"]", card, StringComparison.Ordinal);
        Assert.Contains("\n2. **", card, StringComparison.Ordinal);
        Assert.Contains("4 of 4 records", card, StringComparison.Ordinal);
        Assert.Contains("# People \\| jobs, version 2", card, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", card, StringComparison.Ordinal);

        using var croissant = JsonDocument.Parse(Croissant.Write(facts, "http://x/p", "http://x/f"));
        Assert.Equal(Croissant.ConformsTo, croissant.RootElement.GetProperty("conformsTo").GetString());
        Assert.Equal(clean.Sha256, croissant.RootElement.GetProperty("distribution")[0].GetProperty("sha256").GetString());
        Assert.Equal(9, croissant.RootElement.GetProperty("recordSet")[0].GetProperty("field").GetArrayLength());

        var own = facts with { Sources = [facts.Sources[0] with { License = "Our own terms", Origin = "https://example.org/terms" }] };
        Assert.Contains(
            "license: other\nlicense_name: \"Our own terms\"\nlicense_link: \"https://example.org/terms\"\n",
            DatasetCard.Write(own),
            StringComparison.Ordinal
        );

        using var packed = new MemoryStream();
        var (rows, _) = await DataExports.ParquetAsync(Reviewer, Project, clean.DatasetId, 2, Ct);
        await CroissantPackage.WriteAsync(packed, facts, rows, "http://x/p", Ct);
        using var archive = new ZipArchive(packed);
        Assert.Equal(["croissant.json", "README.md", "data/rows.parquet"], archive.Entries.Select(entry => entry.FullName));
        using var described = await JsonDocument.ParseAsync(archive.GetEntry("croissant.json")!.Open(), default, Ct);
        var file = described.RootElement.GetProperty("distribution")[0];
        await using var content = archive.GetEntry(file.GetProperty("contentUrl").GetString()!)!.Open(); // beside the description
        Assert.Equal(file.GetProperty("sha256").GetString(), Convert.ToHexStringLower(await SHA256.HashDataAsync(content, Ct)));

        var fair = FairChecklist.Of(facts);
        Assert.True(fair.Single(i => i.Principle == "R1.1").IsMet);
        Assert.Contains("Publish", fair.Single(i => i.Principle == "F1").Missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agreement_OfPeopleWhoseAnswersMadeIt_StandsInFactsCardAndCroissant()
    {
        var imported = await ImportAsync("Asked", Table(24));
        var task = await Portal
            .Get<LabelingService>()
            .CreateAsync(
                Lead,
                Project,
                new NewTaskDraft
                {
                    VersionId = imported.Id,
                    Name = "Task",
                    Questions = [Question.New(QuestionKind.Choose, "answer", "Is it | about cards?", "yes", "no")],
                    Rules = new TaskRules
                    {
                        Order = ItemOrder.AsGiven,
                        AgreedIsDone = true,
                        Overlap = 2,
                        MaxOverlap = 2,
                    },
                    Assignees = [Annotator.UserId, Reviewer.UserId],
                    Rows = new RowChoice(),
                },
                Ct
            );
        var answers = Portal.Get<AnswerService>();
        foreach (var person in new[] { Annotator, Reviewer })
        {
            while ((await answers.GoAsync(person, Project, task, AnswerMove.Next, null, Ct)).Item is { } item)
            {
                await answers.SubmitAsync(
                    person,
                    Project,
                    item.Id,
                    new Dictionary<string, string>
                    {
                        ["answer"] = item.Ordinal % 2 == 0 || (item.Ordinal == 1 && person == Reviewer) ? "yes" : "no",
                    },
                    1,
                    Ct
                );
            }
        }

        var made = await Portal.Get<LabelSnapshots>().MakeAsync(Lead, Project, task, 1, Ct);
        var clean = await DataCleaning.CleanAsync(
            Lead,
            Project,
            made.DatasetId,
            made.Number,
            new CleanRecipe { Steps = [new ExactDuplicatesStep()] },
            Ct
        );
        var facts = await DataDocuments.FactsAsync(Reviewer, Project, clean.DatasetId, clean.Number, Ct);
        var agreement = Assert.Single(facts.Agreement);
        Assert.Equal(
            ("Asked version 2", "Is it | about cards?", 24, 2, 48),
            (agreement.Version, agreement.Question, agreement.Items, agreement.People, agreement.Answers)
        );
        // 23 of 24 pairs equal, 25 yes and 23 no of 48: 1 - 47 * (2 * 1) / (2 * 25 * 23), Krippendorff (2011).
        Assert.Equal(1 - (47.0 * 2 / (2 * 25 * 23)), agreement.Alpha!.Value, 6);
        Assert.True(agreement.Interval is var (low, high) && low <= agreement.Alpha && agreement.Alpha <= high);
        Assert.Contains(
            "| Asked version 2 | Is it \\| about cards? | 2 | 48 | 24 | 95.8 % | 0.918 |",
            DatasetCard.Write(facts).Replace("95.8%", "95.8 %", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        using var croissant = JsonDocument.Parse(Croissant.Write(facts, "http://x/p", "http://x/f"));
        Assert.Equal(
            [Croissant.ConformsTo, Croissant.ConformsToRai],
            croissant.RootElement.GetProperty("conformsTo").EnumerateArray().Select(c => c.GetString())
        );
        Assert.Contains("0.918", croissant.RootElement.GetProperty("rai:dataAnnotationAnalysis")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty((await DataDocuments.FactsAsync(Reviewer, Project, imported.DatasetId, 1, Ct)).Agreement);
    }

    [Theory]
    [InlineData("CC-BY-4.0", "MIT", 0)]
    [InlineData("CC-BY-NC-4.0", "CC-BY-4.0", 1)]
    [InlineData("CC-BY-SA-4.0", "ODBL-1.0", 1)]
    [InlineData("CC-BY-NC-4.0", "CC-BY-SA-4.0", 1)]
    [InlineData("", "MIT", 1)]
    public void Conflicts_OfSources_AreSaidInSentences(string first, string second, int conflicts) =>
        Assert.Equal(
            conflicts,
            SourceRights.Conflicts([("a.csv", SourceRights.OfLicense(first)), ("b.csv", SourceRights.OfLicense(second))]).Count
        );

    [Fact]
    public async Task Describe_AndRights_NeedTheRight()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            DataDocuments.DescribeAsync(Reviewer, Project, version.DatasetId, new SheetAnswers(), Ct)
        );
        await Assert.ThrowsAsync<NotFoundException>(() => DataDocuments.FactsAsync(Stranger, Project, version.DatasetId, 1, Ct));
        var source = Assert.Single(await DataDocuments.SourcesAsync(Lead, Project, version.DatasetId, 1, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            DataDocuments.NoteRightsAsync(Annotator, Project, source.UploadId, new SourceRights(), Ct)
        );
        var other = await Portal.AddProjectAsync(Stranger);
        await Assert.ThrowsAsync<NotFoundException>(() =>
            DataDocuments.NoteRightsAsync(Stranger, other, source.UploadId, new SourceRights(), Ct)
        );
    }

    /// <summary>A published version whose test rows hold a sentence, and whose training rows hold the given one.</summary>
    private async Task<VersionView> PublishedAsync(string trained)
    {
        var test = await ImportAsync("Exam", $"text,label\n{Leaking}?,card\nWhere is it,card\n");
        var train = await ImportAsync("Rows", TwoLabels + $"Please tell me. {trained},card\n");
        var split = await DataSplits.SplitAsync(Lead, Project, train.DatasetId, 1, new SplitRecipe(0, 0, 1, test.Id, DropLeaks: false), Ct);
        return await DataPublishing.PublishAsync(Lead, Project, split.DatasetId, split.Number, Ct);
    }
}
