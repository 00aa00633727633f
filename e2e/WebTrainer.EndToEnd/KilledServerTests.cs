using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd;

/// <summary>The web server itself is killed without warning, in the middle of what people send it.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class KilledServerTests
{
    [Fact]
    public async Task UploadKilledAtTenOffsets_GoesOnEachTime_AndNothingHalfIsEverShown()
    {
        const int Kills = 10;
        const int Rows = 60_000;
        var padding = new string('x', 450); // parts of some megabytes: the server writes a megabyte at a time
        await using var team = await Team.AssembleAsync();
        var file = Encoding.UTF8.GetBytes(
            string.Concat(
                Enumerable.Range(0, Rows).Select(i => $"{{\"prompt\":\"Question {i} {padding}\",\"completion\":\"Answer {i * 7919}\"}}\n")
            )
        );
        var started = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/uploads",
            new { fileName = "rows.jsonl", length = file.Length }
        );
        var path = $"projects/{team.ProjectId}/uploads/{started.GetProperty("id").GetGuid()}";
        for (var kill = 1; kill <= Kills; kill++)
        {
            var received = (await team.LeadApi.GetAsync(path)).GetProperty("received").GetInt32();
            var stall = (file.Length * kill / (Kills + 1)) + Random.Shared.Next(1_000);
            using var http = Client(team);
            using var hanging = new CancellationTokenSource();
            var sending = http.PatchAsync(
                $"{path}?offset={received}",
                new StreamContent(new StallingStream(file.AsMemory(received, stall - received))),
                hanging.Token
            );
            await Eventually.IsTrueAsync(
                async () => (await team.LeadApi.GetAsync(path)).GetProperty("received").GetInt32() > received,
                Patience.Server,
                () => $"Nothing arrived of the part from {received}."
            );
            await team.Portal.KillAsync();
            await hanging.CancelAsync(); // a client that only sends learns of the end late
            await Assert.ThrowsAnyAsync<Exception>(() => sending);
            await team.Portal.RestartAsync();

            Assert.InRange((await team.LeadApi.GetAsync(path)).GetProperty("received").GetInt32(), received, stall);
            Assert.Equal(0, (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/datasets")).GetArrayLength());
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(team.Portal.DataFolder, "tmp")));
            Assert.Single(Directory.GetFiles(Path.Combine(team.Portal.DataFolder, "uploads")));
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(team.Portal.DataFolder, "files"), "*", SearchOption.AllDirectories));
        }

        using var last = Client(team);
        var at = (await team.LeadApi.GetAsync(path)).GetProperty("received").GetInt32();
        (await last.PatchAsync($"{path}?offset={at}", new ByteArrayContent(file[at..]))).EnsureSuccessStatusCode();
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(file)),
            (await team.LeadApi.GetAsync(path)).GetProperty("sha256").GetString()
        );
        var made = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/datasets",
            new { name = "Rows", uploadId = started.GetProperty("id").GetGuid() }
        );
        Assert.Equal(Rows, made.GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task RecordsOfRequests_SurviveAKill_AndGoOnBehindIt()
    {
        const int Requests = 20;
        await using var team = await Team.AssembleAsync();
        var key = await team.DeployAsync("plain", new { baseModel = "webtrainer-base-8m", maxTokens = 2 });
        var deployment = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/deployments"))[0].GetProperty("id").GetGuid();
        var rows = Path.Combine(team.Portal.DataFolder, "traffic", deployment.ToString("N"), "rows");
        await AskAsync();
        // on the disk by itself, within the quarter of a second after the last: no page has asked for it
        await Eventually.IsTrueAsync(
            () => Task.FromResult(Directory.Exists(rows) && Directory.GetFiles(rows).Sum(f => File.ReadLines(f).Count()) >= Requests),
            Patience.Server,
            () => "The records were not written."
        );
        await team.Portal.KillAsync();
        await File.AppendAllTextAsync(Directory.GetFiles(rows).Max()!, "{\"id\":\"chatcmpl-ha"); // as a kill in mid-line leaves it
        await team.Portal.RestartAsync();
        Assert.Equal(Requests, await CountAsync());
        await AskAsync();
        Assert.Equal(2 * Requests, await CountAsync());

        async Task AskAsync()
        {
            using var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address), Timeout = Patience.Work };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            for (var i = 0; i < Requests; i++)
            {
                using var answer = await http.PostAsJsonAsync(
                    "/v1/chat/completions",
                    new { model = "plain", messages = new[] { new { role = "user", content = $"Hello {i}" } } }
                );
                answer.EnsureSuccessStatusCode();
            }
        }

        async Task<long> CountAsync() =>
            (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/deployments/{deployment}/traffic?period=day"))
                .GetProperty("requests")
                .GetInt64();
    }

    [Fact]
    public async Task AnswersUnderKills_EachAcknowledgedOneIsThereOnce()
    {
        const int Kills = 4;
        await using var team = await Team.AssembleAsync();
        var csv =
            "text,category\n" + string.Concat(Enumerable.Range(0, 1_500).Select(i => $"Message number {i} of a customer,label{i % 3}\n"));
        var version = await team.LeadApi.PublishAsync(team.ProjectId, "Messages", "messages.csv", csv);
        var people = (await team.LeadApi.GetAsync($"projects/{team.ProjectId}/labels/people"))
            .EnumerateArray()
            .Select(p => p.GetProperty("userId").GetString())
            .ToArray();
        var created = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/labels",
            new
            {
                versionId = version,
                name = "Under kills",
                assignees = people,
                rules = new { overlap = 2, maxOverlap = 2 },
                rows = new { limit = 1_500 },
                questions = new[]
                {
                    new
                    {
                        key = "label",
                        kind = "Text",
                        text = "Say something.",
                        max = 100,
                    },
                },
            }
        );
        var labels = $"projects/{team.ProjectId}/labels/{created.GetProperty("id").GetGuid()}";
        var acknowledged = new ConcurrentBag<(int Ordinal, string Text)>();
        using var stop = new CancellationTokenSource();
        var work = new[] { team.LeadToken, team.SecondToken }
            .Select((token, person) => Task.Run(() => AnswerAsync(team.Portal.Address, labels, token, person, acknowledged, stop.Token)))
            .ToList();
        for (var kill = 1; kill <= Kills; kill++)
        {
            // A moment that nobody chose: after a number of further answers that is drawn.
            var more = acknowledged.Count + Random.Shared.Next(5, 25);
            await Eventually.IsTrueAsync(
                () => Task.FromResult(acknowledged.Count >= more || work.Exists(w => w.IsCompleted)),
                Patience.Server,
                () => "Nobody answers any more."
            );
            await team.Portal.KillAsync();
            await team.Portal.RestartAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(work);
        var stored = Encoding
            .UTF8.GetString(await team.LeadApi.DownloadAsync(labels + "/export?format=jsonl"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(Texts)
            .GroupBy(text => text)
            .ToDictionary(g => g.Key, g => g.Count());
        Assert.True(acknowledged.Count >= Kills * 5, $"Only {acknowledged.Count} answers were acknowledged.");
        Assert.All(acknowledged, given => Assert.Equal(1, stored.GetValueOrDefault(given.Text)));
        Assert.Equal(acknowledged.Count, acknowledged.Select(a => a.Text).Distinct().Count());

        static IEnumerable<string> Texts(string line) =>
            AllStrings(JsonSerializer.Deserialize<JsonElement>(line)).Where(t => t.StartsWith("answer of ", StringComparison.Ordinal));
    }

    private static IEnumerable<string> AllStrings(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => [element.GetString()!],
            JsonValueKind.Object => element.EnumerateObject().Where(p => p.Name != "final").SelectMany(p => AllStrings(p.Value)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(AllStrings),
            _ => [],
        };

    /// <summary>Answers one item after the other; what fails is begun again from the next item that the server gives.</summary>
    private static async Task AnswerAsync(
        string address,
        string labels,
        string token,
        int person,
        ConcurrentBag<(int, string)> acknowledged,
        CancellationToken cancellationToken
    )
    {
        using var http = new HttpClient { BaseAddress = new Uri($"{address}/api/v1/{labels}/"), Timeout = Patience.Server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var next = await http.PostAsync("next", content: null, CancellationToken.None);
                next.EnsureSuccessStatusCode();
                if (
                    (await next.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("item")
                    is not { ValueKind: JsonValueKind.Object } item
                )
                {
                    return;
                }

                var text = $"answer of {person} to {item.GetProperty("ordinal").GetInt32()}";
                using var answer = await http.PostAsJsonAsync(
                    $"items/{item.GetProperty("id").GetGuid()}/answer",
                    new { values = new { label = text }, seconds = 1 },
                    CancellationToken.None
                );
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
                acknowledged.Add((item.GetProperty("ordinal").GetInt32(), text));
            }
            catch (Exception ex) when (ex is HttpRequestException { StatusCode: null } or IOException or TaskCanceledException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None); // the server is down just now
            }
        }
    }

    private static HttpClient Client(Team team)
    {
        var http = new HttpClient { BaseAddress = new Uri(team.Portal.Address + "/api/v1/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", team.LeadToken);
        return http;
    }

    /// <summary>Gives its bytes, and then neither more nor an end, as a connection does that hangs.</summary>
    private sealed class StallingStream(ReadOnlyMemory<byte> bytes) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_position == bytes.Length)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            var taken = Math.Min(buffer.Length, bytes.Length - _position);
            bytes.Slice(_position, taken).CopyTo(buffer);
            _position += taken;
            return taken;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
