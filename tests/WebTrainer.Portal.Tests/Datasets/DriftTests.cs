using Bunit;
using WebTrainer.Domain;
using WebTrainer.Drift;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Pages;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Datasets;

public sealed class DriftTests : DatasetsTest
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Look_AtLongerRowsWithNewWords_SaysSoWithExamples()
    {
        var (before, after) = (
            await ImportAsync("Before", Table(60)),
            await ImportAsync("After", Table(60, "Cryptocurrency wallet balance"))
        );
        var view = await DataDrift.LookAsync(Reviewer, Project, after.DatasetId, 1, before.Id, Ct);
        Assert.Equal((60, 60, false), (view.RowsBefore, view.RowsAfter, view.IsSample));
        var length = view.Report.Findings.Single(finding => finding.Measure == DriftMeasure.Length);
        Assert.True(length.IsAlarm);
        Assert.Equal("Texts are longer than those of the reference: median 5 words, was 3.", length.Sentence);
        Assert.All(length.ExampleIds, id => Assert.StartsWith("Cryptocurrency", view.Texts[id], StringComparison.Ordinal));
        Assert.False(view.Report.Findings.Single(finding => finding.Measure == DriftMeasure.Labels).IsAlarm);
    }

    [Fact]
    public async Task Look_AtManyRows_TakesASampleAndSaysSo()
    {
        var version = await ImportAsync("Rows", Table(VersionDrift.MostRows + 1));
        var view = await DataDrift.LookAsync(Lead, Project, version.DatasetId, 1, version.Id, Ct);
        Assert.True(view.IsSample);
        Assert.InRange(view.Report.WindowRows, 1, VersionDrift.MostRows);
        Assert.False(view.Report.IsAlarm);
    }

    [Fact]
    public async Task Look_AtFewRowsOrAnotherProjects_IsRefusedByASentence()
    {
        var few = await ImportAsync("Few", TwoLabels);
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() =>
            DataDrift.LookAsync(Lead, Project, few.DatasetId, 1, few.Id, Ct)
        );
        Assert.Contains("has 4 rows", refused.Message, StringComparison.Ordinal);
        var theirs = await Portal.AddVersionAsync(await Portal.AddProjectAsync(Stranger), [CanonicalRow.Create("1", 1, null, "p", "r")]);
        await Assert.ThrowsAsync<NotFoundException>(() => DataDrift.LookAsync(Lead, Project, few.DatasetId, 1, theirs.Id, Ct));
    }

    [Fact]
    public async Task Panel_ComparesWhenAsked_AndShowsSentencesAndRows()
    {
        var (before, after) = (
            await ImportAsync("Before", Table(60)),
            await ImportAsync("After", Table(60, "Cryptocurrency wallet balance"))
        );
        await using var browser = Browser();
        var panel = browser.Render<ComparePanel>(p =>
            p.Add(c => c.ProjectId, Project).Add(c => c.Version, after).Add(c => c.Caller, Lead).Add(c => c.With, before.Id)
        );
        await panel.WaitForElement("[data-test=look-at-drift]", s_wait).ClickAsync(new());
        panel.WaitForAssertion(
            () =>
                Assert.Contains(
                    "median 5 words, was 3",
                    panel.Find("[data-test=drift-Length] strong").TextContent,
                    StringComparison.Ordinal
                ),
            s_wait
        );
        Assert.Contains("Of all rows.", panel.Find("[data-test=drift]").TextContent, StringComparison.Ordinal);
        Assert.Contains(
            "Cryptocurrency wallet balance number",
            panel.Find("[data-test=drift-Length] li").TextContent,
            StringComparison.Ordinal
        );
        Assert.Empty(panel.FindAll("[data-test=drift-Labels] strong"));
    }
}
