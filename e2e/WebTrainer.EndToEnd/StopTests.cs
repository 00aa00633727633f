using System.Diagnostics;
using System.Net.Http.Headers;
using WebTrainer.EndToEnd.Support;
using WebTrainer.Tests.Circuits;

namespace WebTrainer.EndToEnd;

/// <summary>An operator stops the portal while people look at it.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task PortalThatIsStopped_WaitsNeitherForPagesNorForStreams()
    {
        await using var team = await Team.AssembleAsync(); // with two browsers' pages open
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var run = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/runs",
            new
            {
                name = "waits",
                datasetVersionId = version,
                baseModel = "webtrainer-base-8m",
            }
        );
        var path = $"/p/{team.ProjectId}/runs/{run.GetProperty("id").GetGuid()}";
        await team.Lead.GoAsync(path);
        var cookies = await CircuitClient.SignInAsync(team.Portal.Address, "bo", Person.Password);
        await using var circuit = await CircuitClient.OpenAsync(team.Portal.Address, cookies, path, (_, _) => null, _ => { });
        using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", team.LeadToken);
        using var answer = await http.GetAsync(
            new Uri($"/api/v1/projects/{team.ProjectId}/runs/{run.GetProperty("id").GetGuid()}/events/stream", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead
        );
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("event: waiting", await reader.ReadLineAsync());
        var clock = Stopwatch.StartNew();
        await team.Portal.StopAsync();
        Assert.True(clock.Elapsed < s_soon, $"The stop took {clock.Elapsed.TotalSeconds:0.0} s.");
    }
}
