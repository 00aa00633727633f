using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Tests.Circuits;

namespace WebTrainer.Benchmarks.Labeling;

/// <summary>
/// People on live circuits of the real server: what each sees, presses and waits for goes over the wire as it does from a browser.
/// </summary>
internal static class CircuitLoad
{
    private const int Choices = 5;
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(int items, int people, TimeSpan duration, TimeSpan think)
    {
        var folder = Directory.CreateTempSubdirectory("labeling-circuits-").FullName;
        Guid project,
            task;
        await using (var office = await Office.OpenAsync(folder))
        {
            (project, task, _) = await office.FillAsync(items, people);
        }

        var acknowledged = new ConcurrentBag<(string, Guid, string)>();
        var times = new ConcurrentBag<double>();
        await using var server = await WebServer.StartAsync(folder);
        var path = $"/p/{project}/labels/{task}/answer";
        await using (var first = await Person.OpenAsync(server.Address, 0, path)) // what the server loads once is not a person's
        {
            await first.ItemAsync(s_patience);
        }

        var before = server.ResidentBytes();
        var desks = new List<Person>();
        for (var i = 0; i < people; i++)
        {
            desks.Add(await Person.OpenAsync(server.Address, i, path));
            await desks[i].ItemAsync(s_patience);
        }

        var opened = server.ResidentBytes();
        Console.WriteLine(
            $"{people} circuits open; {(opened - before) / 1e6 / people:F2} MB a circuit ({before / 1e6:F0} MB before, {opened / 1e6:F0} MB after)"
        );
        using var stop = new CancellationTokenSource(duration);
        await Task.WhenAll(
            desks.Select((desk, i) => Task.Run(() => AnswerAsync(desk, new Random(i), think, acknowledged, times, stop.Token)))
        );
        var atEnd = server.ResidentBytes();
        foreach (var desk in desks)
        {
            await desk.DisposeAsync();
        }

        await server.DisposeAsync();
        await using (var office = await Office.OpenAsync(folder))
        {
            await using var db = office.OpenDb();
            var names = await db.Users.ToDictionaryAsync(u => u.UserName!, u => u.Id);
            var (doubled, lost) = await Load.CheckAsync(office, task, [.. acknowledged.Select(a => (names[a.Item1], a.Item2, a.Item3))]);
            var sorted = times.Order().ToList();
            Console.WriteLine(
                $"{people} circuits for {duration.TotalSeconds:F0} s: {acknowledged.Count} acknowledged answers ({acknowledged.Count / duration.TotalSeconds:F0} a second), lost {lost}, double assignments {doubled}"
            );
            Console.WriteLine(
                $"key to the next item on the wire: median {sorted[sorted.Count / 2]:F1} ms, p95 {sorted[(int)(0.95 * sorted.Count)]:F1} ms, p99 {sorted[(int)(0.99 * sorted.Count)]:F1} ms, most {sorted[^1]:F1} ms; "
                    + $"server {atEnd / 1e6:F0} MB at the end, {(atEnd - before) / 1e6 / people:F2} MB a circuit"
            );
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task AnswerAsync(
        Person desk,
        Random random,
        TimeSpan think,
        ConcurrentBag<(string, Guid, string)> acknowledged,
        ConcurrentBag<double> times,
        CancellationToken cancellationToken
    )
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var item = await desk.ItemAsync(s_patience);
            await Task.Delay(think * (0.5 + random.NextDouble()), CancellationToken.None);
            var choice = random.Next(Choices);
            await desk.PressAsync(item, $"digit:{choice + 1}");
            await Task.Delay(s_between, CancellationToken.None);
            var pressed = Stopwatch.GetTimestamp();
            await desk.PressAsync(item, "submit");
            await desk.ItemAsync(s_patience, other: item);
            times.Add(Stopwatch.GetElapsedTime(pressed).TotalMilliseconds);
            acknowledged.Add((desk.Name, item, ((char)('a' + choice)).ToString()));
        }
    }

    /// <summary>One person before one open page.</summary>
    private sealed class Person(string name) : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private CircuitClient? _circuit;
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Guid _item;
        private long _page;
        private long _keys;

        public string Name => name;

        public static async Task<Person> OpenAsync(string address, int number, string path)
        {
            var person = new Person($"u{number}");
            var cookies = await CircuitClient.SignInAsync(address, person.Name, Office.Password);
            person._circuit = await CircuitClient.OpenAsync(address, cookies, path, person.AnswerScript, person.Look);
            return person;
        }

        /// <summary>The item on the screen, once the page takes keys; with <paramref name="other"/> the next one.</summary>
        public async Task<Guid> ItemAsync(TimeSpan patience, Guid other = default)
        {
            for (var clock = Stopwatch.StartNew(); ; )
            {
                Task changed;
                lock (_gate)
                {
                    if (_page > 0 && _item != Guid.Empty && _item != other)
                    {
                        return _item;
                    }

                    changed = _changed.Task;
                }

                if (_circuit?.Errors is [var error, ..])
                {
                    throw new InvalidOperationException($"{Name}: {error}");
                }

                await changed.WaitAsync(patience - clock.Elapsed);
            }
        }

        public Task PressAsync(Guid item, string command) =>
            _circuit!.InvokeAsync(
                _page,
                "KeyAsync",
                JsonSerializer.Serialize(
                    new[]
                    {
                        new
                        {
                            stream = Name,
                            sequence = ++_keys,
                            item = item.ToString("N"),
                            command,
                            seconds = 1.0,
                        },
                    }
                )
            );

        public async ValueTask DisposeAsync()
        {
            if (_circuit is not null)
            {
                await _circuit.DisposeAsync();
            }
        }

        private string? AnswerScript(string function, JsonElement arguments)
        {
            if (function != "webTrainer.labeling.start")
            {
                return null;
            }

            lock (_gate)
            {
                _page = CircuitClient.ObjectIn(arguments) ?? throw new InvalidOperationException("The page gave no object for its keys.");
            }

            Tell();
            return "{}";
        }

        private void Look(RenderBatch batch)
        {
            if (batch.Attributes.LastOrDefault(a => a.Name == "data-item") is not { Value: { } item })
            {
                return;
            }

            lock (_gate)
            {
                _item = Guid.Parse(item);
            }

            Tell();
        }

        private void Tell()
        {
            lock (_gate)
            {
                _changed.TrySetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
