using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WebTrainer.EndToEnd.Support;
using WebTrainer.Tests.Circuits;

namespace WebTrainer.EndToEnd.RandomRequests;

/// <summary>
/// People of every role send a random mix of right, slightly wrong and oversized requests to every route, and open pages. No answer is a
/// fault of the server's own, the server keeps its memory and its health, and afterwards it does its work. Counts by route go to
/// <c>artifacts/random-requests.csv</c>.
/// </summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed partial class RandomRequestsTests
{
    private const int Senders = 6;
    private const int PageEach = 40;
    private const long MostGrowthBytes = 100_000_000;
    private static readonly TimeSpan s_duration = TimeSpan.FromMinutes(
        double.Parse(Environment.GetEnvironmentVariable("WEBTRAINER_TEST_MINUTES") ?? "30", CultureInfo.InvariantCulture)
    );
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_stream = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Addresses of all pages, as they are written above them.</summary>
    private static readonly List<string> s_pages =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(PortalProcess.RepositoryRoot, "src/WebTrainer.Portal"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Select(line => PageDirective().Match(line))
            .Where(m => m.Success)
            .Select(m => m.Groups["path"].Value),
    ];

    private readonly KnownThings _things = new();
    private readonly List<(string Name, System.Net.CookieContainer Cookies)> _signedIn = [];
    private readonly ConcurrentDictionary<(string Route, int Status), int> _counts = [];
    private readonly ConcurrentQueue<string> _faults = [];

    [Fact]
    public async Task EveryRouteByEveryRole_AnswersWithoutAFault_AndTheServerStaysAsItWas()
    {
        await using var team = await Team.AssembleAsync("--Datasets:MaxBytesOfProject", "2000000000");
        var people = await PeopleAsync(team);
        await KnowAsync(team);
        var description = JsonSerializer.Deserialize<JsonElement>(await GetTextAsync(team, "/openapi/v1.json"));
        var seed = Random.Shared.Next();
        using var ended = new CancellationTokenSource(s_duration);
        var sending = Enumerable
            .Range(0, Senders)
            .Select(i =>
                Task.Run(() =>
                    SendAsync(
                        team,
                        people,
                        new RequestMaker(description, s_pages, _things, new Random(seed + i)),
                        new Random(seed + i),
                        ended.Token
                    )
                )
            )
            .ToList();
        var memory = await WatchAsync(team, ended.Token);
        await Task.WhenAll(sending);
        await ReportAsync(seed, memory);

        Assert.True(
            _faults.IsEmpty,
            $"Seed {seed}:\n{string.Join('\n', _faults.Take(20))}\n{team.Portal.Output[^Math.Min(team.Portal.Output.Length, 4000)..]}"
        );
        Assert.True(_counts.Values.Sum() > s_duration.TotalSeconds, "Hardly anything was sent.");
        Assert.True(_counts.Keys.Count(c => c.Status < 300) > 40, "Hardly anything was right.");
        foreach (var secret in (string[])[Person.Password, team.LeadToken, RandomJson.Telltale, "\u001b"])
        {
            Assert.DoesNotContain(secret, team.Portal.Output, StringComparison.Ordinal); // logs carry no content
        }
        // The last quarter against the second: in the first the server is still getting to know its work.
        var quarter = memory.Count / 4;
        Assert.InRange(Median(memory[^quarter..]) - Median(memory[quarter..(2 * quarter)]), long.MinValue, MostGrowthBytes);
        Assert.NotEqual(Guid.Empty, await team.LeadApi.PublishAsync(team.ProjectId, "Afterwards", "messages.csv", SmallData.Csv()));
    }

    private async Task SendAsync(Team team, IReadOnlyList<Sender> people, RequestMaker maker, Random random, CancellationToken ended)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(team.Portal.Address), Timeout = s_patience };
        while (!ended.IsCancellationRequested)
        {
            if (random.Next(PageEach) == 0)
            {
                await OpenPageAsync(team, random);
                continue;
            }

            var sender = people[random.Next(people.Count)];
            var request = maker.Next();
            sender.Sign(request.Message);
            await SendAsync(http, sender, request);
        }
    }

    private async Task SendAsync(HttpClient http, Sender sender, RandomRequest request)
    {
        try
        {
            using var answer = await http.SendAsync(request.Message, HttpCompletionOption.ResponseHeadersRead);
            var status = (int)answer.StatusCode;
            _counts.AddOrUpdate((request.Route, status), 1, (_, n) => n + 1);
            var text = await ReadAsync(answer);
            if (status >= 500)
            {
                _faults.Enqueue($"{status} to {sender.Name}: {request.Words}\n    {text[..Math.Min(text.Length, 400)]}");
            }
            else if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "application/json")
            {
                _things.Learn(request.Message.RequestUri!.OriginalString, JsonSerializer.Deserialize<JsonElement>(text));
            }
        }
        catch (HttpRequestException ex) when (ex.InnerException is IOException)
        {
            // An oversized body is answered before it was read, and the connection closed under it.
            _counts.AddOrUpdate((request.Route, 0), 1, (_, n) => n + 1);
        }
        catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException or JsonException)
        {
            _faults.Enqueue($"{ex.GetType().Name} {ex.Message} to {sender.Name}: {request.Words}");
        }
    }

    /// <summary>What a stream without end says at first counts as its answer.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage answer)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not ("text/event-stream" or "application/zip" or "application/octet-stream"))
        {
            return await answer.Content.ReadAsStringAsync();
        }

        using var enough = new CancellationTokenSource(s_stream);
        var read = new byte[4096];
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(enough.Token);
            return Encoding.UTF8.GetString(read, 0, await stream.ReadAsync(read, enough.Token));
        }
        catch (OperationCanceledException)
        {
            return "";
        }
    }

    private async Task OpenPageAsync(Team team, Random random)
    {
        var (name, cookies) = _signedIn[random.Next(_signedIn.Count)];
        var pages = s_pages.Where(p => p.StartsWith("/p/", StringComparison.Ordinal)).ToList();
        var path = Parameter()
            .Replace(
                pages[random.Next(pages.Count)],
                m =>
                    _things.Find(m.Groups["name"].Value, random)
                    ?? (m.Value.Contains("int", StringComparison.Ordinal) ? "1" : Guid.NewGuid().ToString())
            );
        try
        {
            var batches = 0;
            await using var circuit = await CircuitClient.OpenAsync(
                team.Portal.Address,
                cookies,
                path,
                (_, _) => null,
                _ => Interlocked.Increment(ref batches)
            );
            await Eventually.IsTrueAsync(
                () => Task.FromResult(Volatile.Read(ref batches) > 1 || circuit.Errors.Count > 0),
                s_patience,
                () => $"{path} showed {name} nothing."
            );
            foreach (var error in circuit.Errors)
            {
                _faults.Enqueue($"The page {path} failed for {name}: {error}");
            }

            _counts.AddOrUpdate(("circuit", 200), 1, (_, n) => n + 1);
        }
        catch (Exception ex) when (ex is HttpRequestException or InvalidOperationException)
        {
            _faults.Enqueue($"The page {path} can't be opened by {name}: {ex.Message}");
        }
    }

    /// <summary>Memory that the server holds, once each few seconds, while it answers that it is well.</summary>
    private async Task<List<long>> WatchAsync(Team team, CancellationToken ended)
    {
        var memory = new List<long>();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        while (!ended.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                (await http.GetAsync(team.Portal.Address + "/health", CancellationToken.None)).EnsureSuccessStatusCode();
            }
            catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException)
            {
                _faults.Enqueue($"The server was not well after {watch.Elapsed}: {ex.Message}");
            }

            memory.Add(team.Portal.ResidentBytes());
            await Task.WhenAny(Task.Delay(s_look, ended));
        }

        return memory;
    }

    private async Task ReportAsync(int seed, List<long> memory)
    {
        var lines = _counts
            .GroupBy(c => c.Key.Route)
            .OrderBy(g => g.Key)
            .Select(route =>
                $"\"{route.Key}\",{string.Join(' ', route.OrderBy(c => c.Key.Status).Select(c => $"{c.Key.Status}:{c.Value}"))}"
            );
        var folder = Directory.CreateDirectory(Path.Combine(PortalProcess.RepositoryRoot, "artifacts"));
        await File.WriteAllLinesAsync(
            Path.Combine(folder.FullName, "random-requests.csv"),
            [
                $"seed {seed}, {s_duration.TotalMinutes} minutes, {_counts.Values.Sum()} requests, {_faults.Count} faults, memory in MB: {string.Join(' ', memory.Select(m => m / 1_000_000))}",
                .. lines,
                .. _faults,
            ]
        );
    }

    /// <summary>Every role by token, some of few scopes, by cookie, by a key of the endpoint, and nobody.</summary>
    private async Task<IReadOnlyList<Sender>> PeopleAsync(Team team)
    {
        var senders = new List<Sender> { new("nobody", _ => { }), Bearer("a forged token", "wtp_" + new string('a', 40)) };
        senders.Add(Bearer("administrator", team.LeadToken));
        senders.Add(Bearer("lead", team.SecondToken));
        foreach (
            var (name, role) in ((string, string)[])[("ann", "Annotator"), ("rex", "Reviewer"), ("eng", "Engineer"), ("sam", "Stranger")]
        )
        {
            senders.Add(Bearer(role, await JoinAsync(team, name, role)));
        }

        foreach (var name in (string[])["ada", "bo", "ann", "rex", "eng", "sam"])
        {
            _signedIn.Add((name, await CircuitClient.SignInAsync(team.Portal.Address, name, Person.Password)));
        }

        senders.AddRange(_signedIn.Select(person => Cookie(team, person.Name, person.Cookies)));
        await team.Lead.GoAsync($"/p/{team.ProjectId}/deploy");
        await team.Lead.Page.FillAsync("#key-name", "random");
        await team.Lead.Test("create-key").ClickAsync();
        senders.Add(Bearer("a program", await team.Lead.Test("secret-value").InnerTextAsync()));
        return senders;
    }

    private static async Task<string> JoinAsync(Team team, string name, string role)
    {
        var person = await team.Chrome.NewPersonAsync(name, team.Portal);
        var project = role == "Stranger" ? await team.Lead.MakeProjectAsync("Another") : team.ProjectId;
        await person.JoinAsync(await team.Lead.InviteAsync(project, role == "Stranger" ? "Lead" : role));
        return await person.MakeTokenAsync();
    }

    private static Sender Bearer(string name, string token) =>
        new(name, request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token));

    private static Sender Cookie(Team team, string name, System.Net.CookieContainer cookies) =>
        new(
            $"{name} by cookie",
            request =>
            {
                request.Headers.Add("Cookie", cookies.GetCookieHeader(new Uri(team.Portal.Address)));
                request.Headers.Add("X-WebTrainer", "1");
            }
        );

    /// <summary>A project with something of each kind.</summary>
    private async Task KnowAsync(Team team)
    {
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Intents", "intents.csv", SmallData.Csv());
        var task = await LabelingTests.NewTaskAsync(team.LeadApi, team.ProjectId, version, 50);
        var run = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/runs",
            new
            {
                name = "waiting",
                datasetVersionId = version,
                baseModel = "webtrainer-base-8m",
                training = new { epochs = 1 },
            }
        );
        _things.Add("projectId", team.ProjectId.ToString());
        _things.Add("taskId", task.ToString());
        _things.Add("runId", run.GetProperty("id").GetString()!);
        _things.Add("baseModel", "webtrainer-base-8m");
        _things.Add("id", "webtrainer-base-8m");
        foreach (var list in (string[])["uploads", "datasets", "datasets/published", "labels", "labels/people", "runs", "models"])
        {
            _things.Learn(list, await team.LeadApi.GetAsync($"projects/{team.ProjectId}/{list}"));
        }
    }

    private static async Task<string> GetTextAsync(Team team, string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(team.Portal.Address + path);
    }

    private static long Median(List<long> values) => values.Order().ElementAt(values.Count / 2);

    [GeneratedRegex("^@page \"(?<path>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PageDirective();

    [GeneratedRegex(@"\{(?<name>[A-Za-z]+)[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();
}
