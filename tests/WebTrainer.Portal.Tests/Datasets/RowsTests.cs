using System.Text;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Pages;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Rows looked at: by their words, their tokens, their languages, as conversations.</summary>
public sealed class RowsTests : DatasetsTest
{
    private const string Model = "webtrainer-base-8m";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Words_AreScannedWhileTheIndexIsMade_ThenFoundBestFirst_AndAgainWhenTheIndexIsGone()
    {
        var version = await ImportAsync(
            "Rows",
            "text,label\nAbout a card that was lost in the mail on its way,card\nCard,card\nA postcard,other\nMoney,transfer\n"
        );
        var looked = WordQuery.Parse("card")!;
        var first = await SearchAsync(version, looked, new RowQuery());
        Assert.Equal((true, null), (first.Ready < 1, first.Hits));
        Assert.Equal(3, first.Page.Total); // a scan finds parts of words too
        await DataSearch.WhenIndexedAsync(Lead, Project, version.DatasetId, 1, Ct);

        var found = await SearchAsync(version, looked, new RowQuery());
        Assert.Equal((1.0, 2L), (found.Ready, found.Hits));
        Assert.Equal(["Card", "About a card that was lost in the mail on its way"], found.Page.Rows.Select(r => r.Prompt));
        var narrowed = await SearchAsync(
            version,
            WordQuery.Parse("card*")!,
            new RowQuery
            {
                Label = "card",
                Sort = RowSort.PromptLength,
                Descending = true,
                Limit = 1,
            }
        );
        Assert.Equal(
            (2L, "About a card that was lost in the mail on its way"),
            (narrowed.Page.Total, Assert.Single(narrowed.Page.Rows).Prompt)
        );

        var index = Portal.Get<FileStore>().PathOf(version.Sha256) + ".words";
        File.Delete(index);
        Assert.True((await SearchAsync(version, looked, new RowQuery())).Ready < 1);
        await DataSearch.WhenIndexedAsync(Lead, Project, version.DatasetId, 1, Ct);
        Assert.True(File.Exists(index));
    }

    [Fact]
    public async Task Words_OfAStranger_AreRefused()
    {
        var version = await ImportAsync("Rows", TwoLabels);
        await Assert.ThrowsAnyAsync<Exception>(() =>
            DataSearch.SearchAsync(Stranger, Project, version.DatasetId, 1, WordQuery.Parse("card")!, new RowQuery(), Ct)
        );
    }

    [Fact]
    public async Task Page_ByWords_SaysThatTheIndexIsMade_AndShowsTheBestThen()
    {
        var version = await ImportAsync("Rows", Table(300));
        await using var browser = Browser();
        var page = browser.Render<RowsPanel>(p =>
            p.Add(r => r.ProjectId, Project)
                .Add(r => r.Version, version)
                .Add(r => r.Caller, Lead)
                .Add(r => r.Filter, "number 7")
                .Add(r => r.By, "words")
        );
        page.WaitForAssertion(
            () => Assert.StartsWith("1 row", page.Find("[data-test=row-count]").TextContent, StringComparison.Ordinal),
            s_patience
        );
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-test=index-state]")), s_patience);
        Assert.Contains("Message number 7", page.Find("[data-test=rows] tbody tr").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_AreCountedByAnInstalledModel_AndLimitsCleanByThem()
    {
        var version = await ImportAsync("Rows", Table(40) + string.Join(' ', Enumerable.Repeat("longer", 200)) + ",label0\n");
        Assert.Equal(Model, Assert.Single(await DataProfiles.TokenizersAsync(Reviewer, Project, Ct)).Name);
        var tokens = await DataProfiles.TokensAsync(Reviewer, Project, version.DatasetId, 1, Model, Ct);
        Assert.Equal((41L, 41L), (tokens.RowsInVersion, tokens.RowsLookedAt));
        Assert.True(tokens.Rows.Most > 200 && tokens.Rows.Median < 20);
        await Assert.ThrowsAsync<NotFoundException>(() => DataProfiles.TokensAsync(Reviewer, Project, version.DatasetId, 1, "other", Ct));

        var step = new TokenLimitStep
        {
            Tokenizer = Model,
            Field = RowField.Prompt,
            Max = 100,
        };
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataCleaning.CleanAsync(
                Lead,
                Project,
                version.DatasetId,
                1,
                new CleanRecipe { Steps = [step with { Tokenizer = "other" }] },
                Ct
            )
        );
        var preview = await DataCleaning.PreviewCleaningAsync(
            Lead,
            Project,
            version.DatasetId,
            1,
            new CleanRecipe { Steps = [step with { TooLong = TooManyTokens.KeepBeginning }] },
            Ct
        );
        Assert.Equal((1, 0), (preview.Steps[0].Changed, preview.SetAside));
        Assert.Equal(40, (await DataCleaning.CleanAsync(Lead, Project, version.DatasetId, 1, new CleanRecipe { Steps = [step] }, Ct)).Rows);
    }

    [Fact]
    public async Task Profile_TellsLanguages_AndLeadsToTheirRows()
    {
        var version = await ImportAsync(
            "Rows",
            "text,label\nWhere is the card that I ordered last week?,a\nکارتی که هفته پیش سفارش دادم کجاست؟,b\nWo ist die Karte die ich letzte Woche bestellt habe?,c\nHi,d\n"
        );
        await using var browser = Browser();
        var profile = browser.Render<ProfilePanel>(p =>
            p.Add(r => r.ProjectId, Project).Add(r => r.Version, version).Add(r => r.Caller, Lead)
        );
        await profile.WaitForElement("[data-test=tell-languages]", s_patience).ClickAsync(new());
        profile.WaitForAssertion(
            () =>
                Assert.Contains(
                    "language=fa",
                    profile.Find("[data-test=languages] a[href*='language=fa']").GetAttribute("href"),
                    StringComparison.Ordinal
                ),
            s_patience
        );

        var page = browser.Render<RowsPanel>(p =>
            p.Add(r => r.ProjectId, Project).Add(r => r.Version, version).Add(r => r.Caller, Lead).Add(r => r.Language, "fa")
        );
        page.WaitForAssertion(
            () => Assert.Contains("کارتی", Assert.Single(page.FindAll("[data-test=rows] tbody tr")).TextContent, StringComparison.Ordinal),
            s_patience
        );
        await profile.Find("[data-test=count-tokens]").ClickAsync(new());
        profile.WaitForAssertion(
            () => Assert.Contains("Whole row", profile.Find("[data-test=token-figures]").TextContent, StringComparison.Ordinal),
            s_patience
        );
    }

    [Fact]
    public async Task Conversations_ShowWhoSaidWhat_ChosenBesideRejected_AsTextOnly()
    {
        const string Script = "<script>alert(1)</script><img src=x onerror=alert(1)>";
        CanonicalRow[] rows =
        [
            CanonicalRow.Create(
                "1",
                1,
                [
                    new ChatMessage("system", "Be kind."),
                    new ChatMessage("user", Script),
                    new ChatMessage("assistant", "سلام"),
                    new ChatMessage("user", "چرا؟"),
                    new ChatMessage("assistant", "No."),
                ]
            ),
            CanonicalRow.Create("2", 2, system: null, "Which?", "This.") with
            {
                Extra = new Dictionary<string, string> { [Preferences.Rejected] = "That." },
            },
        ];
        var made = await Portal.AddVersionAsync(Project, rows);
        var version = await Data.GetVersionAsync(Lead, Project, made.DatasetId, 1, Ct);
        await using var browser = Browser();
        var page = browser.Render<RowsPanel>(p =>
            p.Add(r => r.ProjectId, Project).Add(r => r.Version, version).Add(r => r.Caller, Lead).Add(r => r.View, "chat")
        );
        page.WaitForElement("[data-test=row-conversation]", s_patience);
        Assert.Equal(
            ["system", "user", "assistant", "user", "assistant"],
            page.FindAll("[data-test=row-conversation]")[0].QuerySelectorAll(".who").Select(w => w.TextContent)
        );
        Assert.Equal(
            ["user", "chosen", "rejected"],
            page.FindAll("[data-test=row-conversation]")[1].QuerySelectorAll(".who").Select(w => w.TextContent)
        );
        Assert.Empty(page.FindAll("[data-test=row-conversation] script, [data-test=row-conversation] img"));
        Assert.Contains(
            Script,
            page.Markup.Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.All(page.FindAll(".said"), said => Assert.Equal("auto", said.GetAttribute("dir")));
    }

    [Fact]
    public async Task ImportPreview_OfPreferences_IsAConversation()
    {
        var upload = await UploadAsync(
            "pairs.jsonl",
            "{\"prompt\":\"Which?\",\"chosen\":\"This.\",\"rejected\":\"That.\"}\n{\"prompt\":\"And?\",\"chosen\":\"Yes.\",\"rejected\":\"No.\"}\n"
        );
        await using var browser = Browser();
        var page = browser.Render<ImportPage>(p => p.Add(i => i.ProjectId, Project).Add(i => i.UploadId, upload.Id));
        page.WaitForElement("[data-test=preview-conversation]", s_patience);
        Assert.Equal(2, page.FindAll("[data-test=turn-rejected]").Count);
        await page.Find("[data-test=as-table]").ClickAsync(new());
        page.WaitForElement("[data-test=preview]", s_patience);
    }

    [Fact]
    public async Task Export_WithOrigins_NamesFilesOfAllVersionsBefore_AndWhatTheirRecipesSetAside()
    {
        var imported = await ImportAsync("Rows", TwoLabels + "MY CARD is lost,card\nx,other\n");
        var once = await DataCleaning.CleanAsync(
            Lead,
            Project,
            imported.DatasetId,
            1,
            new CleanRecipe { Steps = [new LengthStep { Min = 3 }] },
            Ct
        );
        var twice = await DataCleaning.CleanAsync(
            Lead,
            Project,
            once.DatasetId,
            once.Number,
            new CleanRecipe { Steps = [new UnicodeStep(), new ExactDuplicatesStep()] },
            Ct
        );
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataExports.ExportAsync(Reviewer, Project, twice.DatasetId, twice.Number, ExportFormat.Parquet, null, Ct)
        );
        var export = await DataExports.ExportAsync(
            Reviewer,
            Project,
            twice.DatasetId,
            twice.Number,
            ExportFormat.Csv,
            null,
            Ct,
            provenance: true
        );
        Assert.Equal("Rows v3 with origins.csv", export.FileName);
        using var stream = new MemoryStream();
        await export.WriteAsync(stream, Ct);
        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + 6, lines.Length);
        Assert.Equal(4, lines.Count(l => l.Contains(",Rows v3,false,", StringComparison.Ordinal)));
        Assert.Contains(
            lines,
            l =>
                l.Contains("MY CARD", StringComparison.Ordinal)
                && l.Contains(",6,Rows v3,true,2. Exact duplicates,", StringComparison.Ordinal)
        );
        Assert.Contains(lines, l => l.Contains(",7,Rows v2,true,1. Length,Shorter than 3 characters.", StringComparison.Ordinal));
        Assert.All(lines.Skip(1), l => Assert.Contains("Rows.csv", l, StringComparison.Ordinal));
    }

    private Task<WordSearch> SearchAsync(VersionView version, WordQuery looked, RowQuery query) =>
        DataSearch.SearchAsync(Reviewer, Project, version.DatasetId, version.Number, looked, query, Ct);
}
