using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Pages;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class ImportPageTests : DatasetsTest
{
    [Fact]
    public async Task Page_ShowsWhatWasFound_AndImportsUnderTheName()
    {
        var upload = await UploadAsync("messages.csv", TwoLabels + "قاچاق,card\n");
        await using var browser = Browser();
        var page = browser.Render<ImportPage>(p => p.Add(i => i.ProjectId, Project).Add(i => i.UploadId, upload.Id));
        page.WaitForElement("[data-test=preview]", TimeSpan.FromSeconds(20));
        Assert.Contains("fields set apart by commas", page.Find("[data-test=found]").TextContent, StringComparison.Ordinal);
        Assert.Contains("text, label", page.Find("[data-test=found]").TextContent, StringComparison.Ordinal);
        Assert.Equal(5, page.FindAll("[data-test=preview] tbody tr").Count);
        Assert.Equal("messages", page.Find("#dataset-name").GetAttribute("value"));

        await page.Find("[data-test=import]").ClickAsync(new());
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "/v/1",
                    browser.Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().Uri,
                    StringComparison.Ordinal
                ),
            TimeSpan.FromSeconds(20)
        );
        Assert.Equal("messages", Assert.Single(await Data.ListAsync(Lead, Project, Ct)).Name);
    }

    [Fact]
    public async Task Page_ShowsTheFileAsItStands_AndWhatWasGuessedOfIt()
    {
        var upload = await UploadAsync(
            "old.csv",
            System.Text.Encoding.Latin1.GetBytes(
                "Requests of 2024\n\ntext,label\nOù est ma carte en ce moment ?,card\nEnvoyez déjà tout cet argent,transfer\n"
            )
        );
        await using var browser = Browser();
        var page = browser.Render<ImportPage>(p => p.Add(i => i.ProjectId, Project).Add(i => i.UploadId, upload.Id));
        page.WaitForElement("[data-test=preview]", TimeSpan.FromSeconds(20));
        Assert.Contains("windows-1252 (Western Europe), as it looks", page.Find("[data-test=found]").TextContent, StringComparison.Ordinal);
        Assert.Contains("The table begins in line 3", page.Find("[data-test=guess]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Requests of 2024", page.Find("[data-test=raw]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Où est ma carte", page.Find("[data-test=preview]").TextContent, StringComparison.Ordinal);

        await page.Find("#first-line").ChangeAsync(new() { Value = "4" });
        page.WaitForAssertion(
            () => Assert.Contains("It has no names for its columns", page.Find("[data-test=guess]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(20)
        );
    }

    [Fact]
    public async Task Page_OfAFileThatIsNoData_SaysWhy()
    {
        var upload = await UploadAsync("archive.zip", [0x50, 0x4B, 0x03, 0x04, 0, 0, 0, 0]);
        await using var browser = Browser();
        var page = browser.Render<ImportPage>(p => p.Add(i => i.ProjectId, Project).Add(i => i.UploadId, upload.Id));
        page.WaitForAssertion(
            () => Assert.Contains("is a ZIP archive", page.Find("[data-test=refused]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(20)
        );
        Assert.Empty(page.FindAll("[data-test=import]"));
    }

    [Fact]
    public async Task Page_OfUnknownColumns_AsksWhichIsWhich()
    {
        var upload = await UploadAsync("columns.csv", "alpha,beta,gamma\n1,2,3\n4,5,6\n");
        await using var browser = Browser();
        var page = browser.Render<ImportPage>(p => p.Add(i => i.ProjectId, Project).Add(i => i.UploadId, upload.Id));
        page.WaitForAssertion(
            () => Assert.Contains("Choose which field holds", page.Find("[data-test=choose]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(20)
        );
        Assert.True(page.Find("[data-test=import]").HasAttribute("disabled"));
    }
}
