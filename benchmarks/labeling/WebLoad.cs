using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;

namespace WebTrainer.Benchmarks.Labeling;

/// <summary>The real web server under annotators who answer over HTTP, killed without warning and started again on the same data.</summary>
internal static class WebLoad
{
    private static readonly string[] s_labels = ["a", "b", "c", "d", "e"];
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

    /// <param name="kills">How often the server is killed, at random moments spread over the time.</param>
    /// <param name="think">Mean time that a person looks at an item.</param>
    public static async Task RunAsync(int items, int people, TimeSpan duration, int kills, TimeSpan think)
    {
        var folder = Directory.CreateTempSubdirectory("labeling-web-").FullName;
        Guid project,
            task;
        List<(string User, string Token)> tokens;
        await using (var office = await Office.OpenAsync(folder))
        {
            (project, task, var callers) = await office.FillAsync(items, people);
            tokens = await TokensAsync(office, callers);
        }

        var acknowledged = new ConcurrentBag<(string, Guid, string)>();
        var times = new ConcurrentBag<double>();
        await using var server = await WebServer.StartAsync(folder);
        using var stop = new CancellationTokenSource(duration);
        var work = tokens
            .Select(
                (person, i) =>
                    Task.Run(() =>
                        AnswerAsync(server.Address, project, task, person, new Random(i), think, acknowledged, times, stop.Token)
                    )
            )
            .ToList();
        var random = new Random();
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(duration / (kills + 1) * (0.6 + (0.8 * random.NextDouble())));
            await server.KillAsync();
            await server.RestartAsync();
        }

        await Task.WhenAll(work);
        var memory = server.ResidentBytes();
        await server.DisposeAsync();
        await using (var office = await Office.OpenAsync(folder))
        {
            await using var db = office.OpenDb();
            var intact = await db.Database.SqlQuery<string>($"PRAGMA integrity_check").ToListAsync();
            var (doubled, lost) = await Load.CheckAsync(office, task, acknowledged);
            var sorted = times.Order().ToList();
            Console.WriteLine(
                $"{people} people for {duration.TotalSeconds:F0} s over HTTP, server killed {kills} times: {acknowledged.Count} acknowledged answers, lost {lost}, double assignments {doubled}, integrity {intact[0]}"
            );
            Console.WriteLine(
                $"claim + next item over HTTP: median {sorted[sorted.Count / 2]:F1} ms, p95 {sorted[(int)(0.95 * sorted.Count)]:F1} ms; server {memory / 1e6:F0} MB at the end"
            );
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task AnswerAsync(
        string address,
        Guid project,
        Guid task,
        (string User, string Token) person,
        Random random,
        TimeSpan think,
        ConcurrentBag<(string, Guid, string)> acknowledged,
        ConcurrentBag<double> times,
        CancellationToken cancellationToken
    )
    {
        using var http = new HttpClient
        {
            BaseAddress = new Uri($"{address}/api/v1/projects/{project}/labels/{task}/"),
            Timeout = TimeSpan.FromSeconds(30),
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", person.Token);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var started = Stopwatch.GetTimestamp();
                using var next = await http.PostAsync("next", content: null, CancellationToken.None);
                next.EnsureSuccessStatusCode();
                var desk = await next.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                if (desk.GetProperty("item") is not { ValueKind: JsonValueKind.Object } item)
                {
                    return;
                }

                await Task.Delay(think * (0.5 + random.NextDouble()), CancellationToken.None);
                var id = item.GetProperty("id").GetGuid();
                var label = s_labels[random.Next(100) < 80 ? item.GetProperty("ordinal").GetInt32() % 5 : random.Next(5)];
                using var answer = await http.PostAsJsonAsync(
                    $"items/{id}/answer",
                    new { values = new { label }, seconds = 1 },
                    CancellationToken.None
                );
                answer.EnsureSuccessStatusCode();
                acknowledged.Add((person.User, id, label));
            }
            catch (Exception ex) when (ex is HttpRequestException or IOException or TaskCanceledException)
            {
                // The server is being killed: what was not acknowledged may or may not be there; the same item comes again.
                await Task.Delay(s_again, CancellationToken.None);
            }
        }
    }

    private static async Task<List<(string User, string Token)>> TokensAsync(Office office, Caller[] people)
    {
        await using var db = office.OpenDb();
        var tokens = new List<(string, string)>();
        foreach (var person in people)
        {
            var secret = SecretToken.Create(PersonalAccessToken.Prefix);
            db.PersonalAccessTokens.Add(
                new PersonalAccessToken(person.UserId, "load", secret, TokenScopes.All, TimeSpan.FromDays(1), DateTimeOffset.UtcNow)
            );
            tokens.Add((person.UserId, secret));
        }

        await db.SaveChangesAsync();
        return tokens;
    }
}
