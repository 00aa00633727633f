using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>What a lead sees before approving, and that it leads to a decision.</summary>
[Collection(nameof(ResultsPortal))]
public sealed class ApprovalCardTests(SharedPortal shared)
{
    [Fact]
    public async Task Lead_SeesWhatIsKnownOfARun_HeldAgainstTheLastApproved_ThenApprovesIt()
    {
        await using var team = await shared.NewProjectAsync();
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var first = await team.StartRunAsync(version, new { epochs = 1, contextTokens = 64 }, "first");
        await team.LeadApi.PostAsync($"projects/{team.ProjectId}/runs/{first}/stop");
        var again = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/runs",
            new
            {
                name = "again",
                datasetVersionId = version,
                baseModel = "webtrainer-base-8m",
                training = new { epochs = 2, contextTokens = 64 },
            }
        );
        var run = again.GetProperty("id").GetGuid();

        var lead = team.SecondLead;
        await lead.GoAsync($"/p/{team.ProjectId}/runs/{run}");
        var card = lead.Test("evidence-card");
        await Expect(card).ToContainTextAsync("Ada asked for it");
        await Expect(card).ToContainTextAsync(again.GetProperty("specSha256").GetString()![..16]);
        await Expect(card).ToContainTextAsync("Personal data: nobody has looked");
        await Expect(card).ToContainTextAsync("run 1 · first");
        await Expect(card).ToContainTextAsync("the same rows, Intents v2");
        await Expect(lead.Test("differences").Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(lead.Test("differences")).ToContainTextAsync("Epochs");
        await Expect(card).ToContainTextAsync("memory at its peak", new() { Timeout = Patience.Job });
        await lead.ShowAsync("run-evidence-card");

        await lead.Test("approve").ClickAsync();
        await Expect(lead.Test("approval")).ToHaveCountAsync(0);
        var approved = await team.LeadApi.GetAsync($"projects/{team.ProjectId}/runs/{run}");
        Assert.NotEqual("submitted", approved.GetProperty("status").GetString());
        await team.LeadApi.PostAsync($"projects/{team.ProjectId}/runs/{run}/stop");
    }
}
