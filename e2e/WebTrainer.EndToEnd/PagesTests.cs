using System.Net.Http.Headers;
using System.Net.Http.Json;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>Every page, light and dark: axe finds nothing serious, no script fails, nothing is loaded from elsewhere.</summary>
[Collection(nameof(ResultsPortal))]
public sealed class PagesTests(SharedPortal shared)
{
    [Fact]
    public async Task EveryPage_LightAndDark_IsAccessibleAndQuiet()
    {
        await using var team = await shared.NewProjectAsync();
        var audit = new PageAudit(team);
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var run = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/runs",
            new
            {
                name = "to approve",
                datasetVersionId = version,
                baseModel = "webtrainer-base-8m",
            }
        );
        var dataset = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets"))[0].GetProperty("id").GetGuid();
        var project = $"/p/{team.ProjectId}";
        var task = await LabelingTests.NewTaskAsync(team.LeadApi, team.ProjectId, version);
        var endpoint = await LiveEndpointAsync(team);
        string[] paths =
        [
            "/",
            project,
            project + "/goals",
            project + "/data",
            $"{project}/data/{dataset}/v/2",
            $"{project}/data/{dataset}/v/2/clean",
            $"{project}/data/{dataset}/v/2?tab=map",
            $"{project}/data/{dataset}/v/2?tab=compare",
            $"{project}/data/{dataset}/v/2?tab=sheet",
            $"{project}/data/{dataset}/v/2?tab=bias",
            $"{project}/data/{dataset}/v/2?tab=lineage",
            project + "/data/sources",
            project + "/environment",
            project + "/models",
            project + "/runs",
            project + "/runs/new",
            $"{project}/runs/{run.GetProperty("id").GetGuid()}",
            project + "/evaluations",
            project + "/playground",
            project + "/deploy",
            project + "/deploy/new",
            $"{project}/deploy/{endpoint}",
            $"{project}/deploy/{endpoint}/new",
            $"{project}/deploy/{endpoint}/requests",
            project + "/labels",
            project + "/labels/new",
            project + "/labels/compare",
            project + "/labels/weak",
            $"{project}/labels/doubts/{version}",
            $"{project}/labels/{task}",
            $"{project}/labels/{task}/answer",
            $"{project}/labels/{task}/bulk",
            $"{project}/labels/{task}/review",
            project + "/members",
            project + "/tokens",
            "/help",
            "/help/evaluation?q=interval",
            project + "/audit",
            project + "/policy",
            project + "/notices",
            "/account/notices",
            $"{project}/evidence/runs/{run.GetProperty("id").GetGuid()}",
            "/server",
            "/account/tokens",
            "/admin/users",
            "/admin/audit",
        ];
        foreach (var path in paths)
        {
            await audit.GoAsync(path, show: true);
        }

        foreach (var path in (string[])["/account/sign-in", "/account/denied", "/account/password", "/account/security"])
        {
            await team.Lead.GoAsync(path);
            await audit.CheckThemeAsync(path);
        }

        await team.Lead.Page.GotoAsync(team.Portal.Address + "/scalar/v1");
        await Expect(team.Lead.Page.GetByText("Create a project that you lead").First).ToBeVisibleAsync();
        audit.AssertQuiet();
    }

    /// <summary>An endpoint that has answered somebody, with an alert.</summary>
    private static async Task<Guid> LiveEndpointAsync(Team team)
    {
        var key = await team.DeployAsync("writer", new { baseModel = "webtrainer-base-8m" });
        using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address), Timeout = Patience.Work };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await http.PostAsJsonAsync(
            "/v1/completions",
            new
            {
                model = "writer",
                prompt = "Once",
                max_tokens = 4,
            }
        );
        answer.EnsureSuccessStatusCode();
        var endpoint = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/deployments"))[0].GetProperty("id").GetGuid();
        await team.LeadApi.PostAsync($"projects/{team.ProjectId}/deployments/{endpoint}/alerts", new { kind = "errorRate", limit = 0.05 });
        return endpoint;
    }

    [Fact]
    public async Task UnknownAddress_ShowsThePortalsOwnPage()
    {
        await using var team = await shared.NewProjectAsync();
        var answer = await team.Lead.Page.GotoAsync(team.Portal.Address + "/no-such-page");
        Assert.Equal(404, answer!.Status);
        await Expect(team.Lead.Page.GetByRole(Microsoft.Playwright.AriaRole.Heading, new() { Name = "There is no such page" }))
            .ToBeVisibleAsync();
    }

    /// <summary>
    /// Evaluations with every benchmark, their questions, the comparison, searches and judges: pages that show something only after work
    /// was done.
    /// </summary>
    [Fact]
    public async Task EvaluationPages_WithFigures_LightAndDark_AreAccessibleAndQuiet()
    {
        using var judging = new JudgeServer();
        await using var team = await shared.NewProjectAsync();
        var audit = new PageAudit(team);
        var project = $"/p/{team.ProjectId}";
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        Guid[] runs =
        [
            await team.StartRunAsync(
                version,
                new
                {
                    maxSteps = 30,
                    epochs = 100,
                    learningRate = 0.0015,
                    contextTokens = 128,
                },
                "gentle"
            ),
            await team.StartRunAsync(
                version,
                new
                {
                    maxSteps = 12,
                    epochs = 100,
                    learningRate = 0.006,
                    contextTokens = 128,
                },
                "hasty"
            ),
        ];
        var files = await AddBenchmarksAsync(team);
        foreach (var run in runs)
        {
            await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed");
        }

        object[] benchmarks =
        [
            .. files.Select(id => new { benchmarkId = id, maxQuestions = 4 }),
            new { kind = "robustness", maxQuestions = 8 },
            new { kind = "leakage", maxQuestions = 5 },
        ];
        var evaluation = (
            await team.LeadApi.PostAsync(
                $"projects/{team.ProjectId}/evaluations",
                new
                {
                    runIds = runs,
                    maxRows = 20,
                    benchmarks,
                    scorers = new object[] { new { kind = "bleu" }, new { kind = "ter" }, new { kind = "rougeStemmed" } },
                }
            )
        ).GetProperty("id").GetGuid();
        var judged = await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/evaluations/{evaluation}", Patience.Work, "completed");

        await SetGoalAsync(team);
        var judge = await JudgeAsync(team, judging, version, evaluation);
        await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/searches",
            new
            {
                name = "try",
                run = new { datasetVersionId = version, baseModel = "webtrainer-base-8m" },
                space = new
                {
                    parameters = new object[]
                    {
                        new
                        {
                            type = "float",
                            name = "learningRate",
                            low = 0.0001,
                            high = 0.01,
                        },
                    },
                },
                trials = 2,
                budgetMinutes = 5,
            }
        );
        var search = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/searches"))[0].GetProperty("id").GetGuid();
        var columns = string.Join('&', ((string[])["base", "run-1", "run-2"]).Select(name => $"col=result:{evaluation}:{name}"));
        List<string> paths =
        [
            $"{project}/evaluations",
            $"{project}/evaluations/benchmarks",
            $"{project}/evaluations/{evaluation}",
            $"{project}/evaluations/judges",
            $"{project}/evaluations/judges/{judge}",
            $"{project}/compare?{columns}",
            $"{project}/compare",
            $"{project}/searches",
            $"{project}/searches/new",
            $"{project}/searches/{search}",
            $"{project}/goals",
            $"{project}/evaluations/{evaluation}/benchmarks/0",
            $"{project}/evaluations/{evaluation}/benchmarks/{judged.GetProperty("report").GetProperty("benchmarks").GetArrayLength() - 2}",
        ];
        foreach (var path in paths)
        {
            await audit.GoAsync(
                path,
                show: path.Contains(evaluation.ToString(), StringComparison.Ordinal)
                    || path.Contains(judge.ToString(), StringComparison.Ordinal)
            );
        }

        audit.AssertQuiet();
    }

    /// <summary>The published benchmarks, where they are beside the repository.</summary>
    private static async Task<List<Guid>> AddBenchmarksAsync(Team team)
    {
        var ids = new List<Guid>();
        if (PortalProcess.SharedData is not { } shared)
        {
            return ids;
        }

        foreach (
            var file in (string[])
                [
                    "gsm8k/test.jsonl",
                    "humaneval/HumanEval.jsonl",
                    "truthfulqa/TruthfulQA.csv",
                    "bbq/Age.jsonl",
                    "advbench/harmful_behaviors.csv",
                ]
        )
        {
            ids.Add(await AddBenchmarkAsync(team, Path.GetFileName(file), await File.ReadAllBytesAsync(Path.Combine(shared, file))));
        }

        using var zip = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(zip, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in Directory.GetFiles(Path.Combine(shared, "mmlu"), "*.csv", SearchOption.AllDirectories))
            {
                await using var entry = await archive.CreateEntry(Path.GetRelativePath(Path.Combine(shared, "mmlu"), file)).OpenAsync();
                await entry.WriteAsync(await File.ReadAllBytesAsync(file));
            }
        }

        ids.Add(await AddBenchmarkAsync(team, "mmlu.zip", zip.ToArray()));
        return ids;
    }

    private static async Task<Guid> AddBenchmarkAsync(Team team, string name, byte[] content)
    {
        var upload = await team.LeadApi.UploadAsync(team.ProjectId, name, content);
        return (await team.LeadApi.PostAsync($"projects/{team.ProjectId}/benchmarks?uploadId={upload.GetProperty("id").GetGuid()}"))
            .GetProperty("id")
            .GetGuid();
    }

    private static async Task SetGoalAsync(Team team)
    {
        await team.Lead.GoAsync($"/p/{team.ProjectId}/goals");
        await team.Lead.ChooseAsync("goal-metric", "A figure of a benchmark");
        await team.Lead.ChooseAsync("goal-benchmark", "General text");
        await team.Lead.Page.FillAsync("#goal-target", "99");
        await team.Lead.Test("save-goal").ClickAsync();
        await Expect(team.Lead.Test("goals")).ToContainTextAsync("General text: Accuracy");
    }

    /// <summary>Two people compare two models blind; a judge is held against them, and compares models of the evaluation.</summary>
    /// <returns>The judge's id.</returns>
    private static async Task<Guid> JudgeAsync(Team team, JudgeServer judging, Guid version, Guid evaluation)
    {
        var api = team.LeadApi;
        var people = (await api.GetAsync($"projects/{team.ProjectId}/labels/people"))
            .EnumerateArray()
            .Select(p => p.GetProperty("userId").GetString())
            .ToArray();
        var task = (
            await api.PostAsync(
                $"projects/{team.ProjectId}/labels/comparisons",
                new
                {
                    versionId = version,
                    name = "Which is better",
                    models = new[] { "dataset", "run-1" },
                    assignees = people,
                    rows = new { limit = 12, atRandom = true },
                    rules = new { overlap = 2 },
                    maxTokens = 16,
                }
            )
        ).GetProperty("id").GetGuid();
        await Eventually.IsTrueAsync(
            async () =>
                (await api.PostAsync($"projects/{team.ProjectId}/labels/{task}/next")).GetProperty("item").ValueKind
                == System.Text.Json.JsonValueKind.Object,
            Patience.Work,
            () => "The models have not answered."
        );
        foreach (var person in (Api[])[team.LeadApi, team.SecondApi])
        {
            while (
                (await person.PostAsync($"projects/{team.ProjectId}/labels/{task}/next")).GetProperty("item")
                    is { ValueKind: System.Text.Json.JsonValueKind.Object } item
            )
            {
                await person.PostAsync(
                    $"projects/{team.ProjectId}/labels/{task}/items/{item.GetProperty("id").GetGuid()}/answer",
                    new
                    {
                        values = new Dictionary<string, string>
                        {
                            ["best"] = item.GetProperty("ordinal").GetInt32() % 3 == 0 ? "tie" : "first",
                        },
                    }
                );
            }
        }

        await team.Lead.GoAsync($"/p/{team.ProjectId}/labels/{task}");
        await team.Lead.Test("close").ClickAsync();
        await team.Lead.Page.Locator(".mud-dialog button").Last.ClickAsync();
        await Expect(team.Lead.Test("close")).ToHaveCountAsync(0);
        var judge = (
            await api.PostAsync(
                $"projects/{team.ProjectId}/judges",
                new
                {
                    source = "endpoint",
                    name = "By length",
                    address = judging.Address,
                    model = "ruler",
                    rubric = "The longer answer is **better**.",
                    key = "",
                }
            )
        ).GetProperty("id").GetGuid();
        await team.Lead.GoAsync($"/p/{team.ProjectId}/evaluations/judges/{judge}");
        await team.Lead.Test("calibrate").ClickAsync();
        await Expect(team.Lead.Test("calibration-words")).ToContainTextAsync("agrees with your experts on");
        await team.Lead.GoAsync($"/p/{team.ProjectId}/evaluations/{evaluation}");
        await team.Lead.Test("start-judging").ClickAsync();
        await Expect(team.Lead.Test("judge-trust")).ToContainTextAsync("agrees with your experts on");
        await api.PostAsync(
            $"projects/{team.ProjectId}/judges/{judge}/judgings",
            new
            {
                kind = "score",
                subject = evaluation,
                models = new[] { "base", "run-1", "run-2" },
            }
        );
        await Expect(team.Lead.Test("judge-trust")).ToHaveCountAsync(1);
        await AskOwnModelAsync(team, evaluation);
        return judge;
    }

    /// <summary>
    /// A model of this server judges too. The shipped one is no judge: what it writes counts as no verdict, and is shown as that.
    /// </summary>
    private static async Task AskOwnModelAsync(Team team, Guid evaluation)
    {
        const int Items = 3;
        var form = new
        {
            source = "local",
            name = "Own model",
            model = "webtrainer-base-8m",
            rubric = "The true answer is better.",
            key = "",
        };
        Assert.StartsWith(
            "It replied",
            (await team.LeadApi.PostAsync($"projects/{team.ProjectId}/judges/test", form)).GetProperty("said").GetString(),
            StringComparison.Ordinal
        );
        var judge = (await team.LeadApi.PostAsync($"projects/{team.ProjectId}/judges", form)).GetProperty("id").GetGuid();
        var work = (
            await team.LeadApi.PostAsync(
                $"projects/{team.ProjectId}/judges/{judge}/judgings",
                new
                {
                    kind = "score",
                    subject = evaluation,
                    models = new[] { "base" },
                    maxItems = Items,
                }
            )
        ).GetProperty("id").GetGuid();
        System.Text.Json.JsonElement now = default;
        await Eventually.IsTrueAsync(
            async () =>
                (now = await team.LeadApi.GetAsync($"projects/{team.ProjectId}/judgings/{work}")).GetProperty("state").GetString()
                == "done",
            Patience.Work,
            () => $"The model has not judged: {now}"
        );
        Assert.Equal(Items, now.GetProperty("result").GetProperty("items").GetInt32());
    }
}
