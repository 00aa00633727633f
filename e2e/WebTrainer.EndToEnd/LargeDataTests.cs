using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>A hundred thousand rows: what a person sees of them comes at once. The figures are written to <c>artifacts</c>.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class LargeDataTests
{
    private const int Rows = 100_000,
        Rounds = 15;
    private const int UploadBytes = 500_000_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_uploadLimit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task HundredThousandRows_EachAnswerTakesLessThan200Milliseconds()
    {
        await using var team = await Team.AssembleAsync();
        var imported = await ImportAsync(team);
        var dataset = imported.GetProperty("datasetId").GetGuid();
        Assert.Equal(Rows, imported.GetProperty("rows").GetInt64());
        var version = $"/api/v1/projects/{team.ProjectId}/datasets/{dataset}/versions/1";
        string[] paths =
        [
            $"{version}/rows?take=50",
            $"{version}/rows?take=50&skip=99950",
            $"{version}/rows?take=50&contains=number+7777",
            $"{version}/rows?take=50&label=intent_3&skip=5000",
            $"{version}/rows?take=50&sort=promptLength&descending=true",
            $"{version}/profile",
            version,
            $"{version}/lineage",
            $"/api/v1/projects/{team.ProjectId}/datasets",
        ];
        using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", team.LeadToken);
        var medians = new Dictionary<string, TimeSpan>();
        foreach (var path in paths)
        {
            medians[path.Replace(version, "version", StringComparison.Ordinal)] = await MedianAsync(http, path);
        }

        medians["(in Chromium: address to rows on the screen)"] = await ShowAsync(team, dataset);
        await WriteAsync("pages.csv", medians);
        Assert.All(
            medians.SkipLast(1),
            median => Assert.True(median.Value < s_limit, $"{median.Key} took {median.Value.TotalMilliseconds:F0} ms")
        );
    }

    [Fact]
    public async Task HalfAGigabyte_IsUploadedInSeconds()
    {
        await using var team = await Team.AssembleAsync();
        var block = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat("{\"prompt\":\"How do I get my money back?\",\"completion\":\"refund\"}\n", 16_000))
        );
        var blocks = UploadBytes / block.Length;
        using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address), Timeout = TimeSpan.FromMinutes(3) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", team.LeadToken);
        using var content = new StreamContent(new RepeatedStream(block, blocks));
        var watch = Stopwatch.StartNew();
        using var answer = await http.PostAsync($"/api/v1/projects/{team.ProjectId}/uploads/file?name=half.jsonl", content);
        var took = watch.Elapsed;
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await WriteAsync("upload.csv", new() { [$"upload of {(long)block.Length * blocks / 1_000_000} MB"] = took });
        Assert.True(took < s_uploadLimit, $"It took {took.TotalSeconds:F1} s.");
    }

    private static async Task<System.Text.Json.JsonElement> ImportAsync(Team team)
    {
        var text = new StringBuilder();
        for (var i = 0; i < Rows; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{{\"text\":\"Customer message number {i} about {new string('x', i % 200)} and its card\",\"label\":\"intent_{i % 77}\"}}\n"
            );
        }

        var upload = await team.LeadApi.UploadAsync(team.ProjectId, "many.jsonl", text.ToString());
        return await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/datasets",
            new { name = "Many", uploadId = upload.GetProperty("id").GetGuid() }
        );
    }

    private static async Task<TimeSpan> MedianAsync(HttpClient http, string path)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Rounds; i++)
        {
            var watch = Stopwatch.StartNew();
            using var answer = await http.GetAsync(path);
            await answer.Content.ReadAsByteArrayAsync();
            times.Add(watch.Elapsed);
            Assert.True(answer.IsSuccessStatusCode, $"{path} answered {answer.StatusCode}");
        }

        return times.Order().ElementAt(Rounds / 2);
    }

    private static async Task<TimeSpan> ShowAsync(Team team, Guid dataset)
    {
        var watch = Stopwatch.StartNew();
        await team.Lead.GoAsync($"/p/{team.ProjectId}/data/{dataset}/v/1?page=1500");
        await Expect(team.Lead.Test("rows").Locator("tbody tr").First).ToBeVisibleAsync();
        return watch.Elapsed;
    }

    private static Task WriteAsync(string name, Dictionary<string, TimeSpan> medians)
    {
        var folder = Directory.CreateDirectory(Path.Combine(PortalProcess.RepositoryRoot, "artifacts"));
        return File.WriteAllLinesAsync(
            Path.Combine(folder.FullName, name),
            ["what,ms", .. medians.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key},{m.Value.TotalMilliseconds:F1}"))]
        );
    }
}
