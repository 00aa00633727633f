using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Benchmarks.Labeling;
using WebTrainer.Domain.Labels;
using WebTrainer.Labeling;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

// dotnet run -c Release -- load [items] [people] [seconds] [think ms]
// dotnet run -c Release -- agreement
// dotnet run -c Release -- kill [times]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int Number(int place, int otherwise) => args.Length > place ? int.Parse(args[place]) : otherwise;
switch (args.FirstOrDefault())
{
    case "load":
        await LoadAsync(Number(1, 100_000), Number(2, 200), Number(3, 60), Number(4, 2_000));
        break;
    case "agreement":
        Agreement();
        break;
    case "kill":
        await KillAsync(Number(1, 10));
        break;
    case "child":
        await ChildAsync(args[1]);
        break;
    default:
        Console.WriteLine("load, agreement or kill");
        break;
}

static string Milliseconds(List<double> sorted) => sorted.Count == 0
    ? "none"
    : $"{sorted.Count} of them, median {sorted[sorted.Count / 2]:F1} ms, p95 {sorted[(int)(0.95 * sorted.Count)]:F1} ms, p99 {sorted[(int)(0.99 * sorted.Count)]:F1} ms, most {sorted[^1]:F1} ms";

static async Task LoadAsync(int items, int people, int seconds, int think)
{
    var folder = Directory.CreateTempSubdirectory("labeling-load-").FullName;
    await using (var office = await Office.OpenAsync(folder))
    {
        var started = Stopwatch.StartNew();
        var (project, task, callers) = await office.FillAsync(items, people);
        Console.WriteLine($"{items} items for {people} people made in {started.Elapsed.TotalSeconds:F1} s");
        await office.Answers.GoAsync(callers[0], project, task, AnswerMove.Next, null, default); // the table of texts is made at the first claim
        Console.WriteLine($"first item after {started.Elapsed.TotalSeconds:F1} s");
        var acknowledged = new ConcurrentBag<(string, Guid, string)>();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var (claims, submissions) = await Load.RunAsync(
            office, project, task, callers, TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(think), (person, item, label) => acknowledged.Add((person.UserId, item, label)));
        var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / seconds;
        var (doubled, lost) = await Load.CheckAsync(office, task, acknowledged);
        Console.WriteLine($"claim + next item: {Milliseconds(claims)}");
        Console.WriteLine($"submission: {Milliseconds(submissions)}");
        Console.WriteLine($"{acknowledged.Count / (double)seconds:F0} answers a second, {used:F2} cores of this process; double assignments {doubled}, lost answers {lost}");
    }

    Directory.Delete(folder, recursive: true);
}

static void Agreement()
{
    var random = new Random(1);
    var people = Enumerable.Range(0, 200).Select(i => $"p{i}").ToArray();
    var task = new LabelTask(
        Guid.NewGuid(), Guid.NewGuid(), "x", [Question.New(QuestionKind.Choose, "label", "?", "a", "b", "c", "d", "e")], new TaskRules(), "{}", people, "x", DateTimeOffset.UtcNow);
    var sheets = Enumerable.Range(0, 100_000).SelectMany(i =>
    {
        var (item, first) = (Guid.NewGuid(), random.Next(people.Length));
        return Enumerable.Range(0, 3).Select(k => new GivenSheet(item, people[(first + k) % people.Length], $$"""{"label":"{{(char)('a' + (random.Next(100) < 80 ? i % 5 : random.Next(5)))}}"}"""));
    }).ToList();
    var names = Pseudonyms.Of(task, []);
    for (var round = 0; round < 5; round++)
    {
        var started = Stopwatch.StartNew();
        var found = TaskAgreement.Of(task, sheets, names);
        var all = started.Elapsed.TotalSeconds;
        var votes = sheets.Select((s, i) => (i / 3, Array.IndexOf(people, s.UserId), QuestionForm.Read(s.Values)["label"])).ToList();
        started.Restart();
        var ratings = Ratings.OfLabels(votes, 100_000, people.Length);
        var alpha = KrippendorffAlpha.Compute(ratings, MeasurementLevel.Nominal);
        var interval = KrippendorffAlpha.Interval(ratings, MeasurementLevel.Nominal, 1);
        Console.WriteLine($"α {alpha:F4} [{interval!.Value.Low:F4}, {interval.Value.High:F4}]: {started.Elapsed.TotalSeconds:F3} s; with sheets read, pairs, labels, reliability of {found[0].Reliability.Count} people: {all:F3} s");
    }
}

// A process under load is killed at random moments and started again on the same data.
static async Task KillAsync(int times)
{
    var folder = Directory.CreateTempSubdirectory("labeling-kill-").FullName;
    Guid project, task;
    await using (var office = await Office.OpenAsync(folder))
        (project, task, _) = await office.FillAsync(5_000, 50);
    await File.WriteAllTextAsync(Path.Combine(folder, "ids.txt"), $"{project}\n{task}");
    var random = new Random();
    for (var time = 0; time < times; time++)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(Office).Assembly.Location);
        start.ArgumentList.Add("child");
        start.ArgumentList.Add(folder);
        using var child = Process.Start(start)!;
        await Task.Delay(TimeSpan.FromSeconds(2.5 + (random.NextDouble() * 2)));
        child.Kill();
        await child.WaitForExitAsync();
    }

    var acknowledged = File.ReadLines(Path.Combine(folder, "acknowledged.txt")).Select(l => l.Split(' ')).Where(l => l.Length == 3)
        .Select(l => (l[0], Guid.Parse(l[1]), l[2])).ToList();
    await using (var office = await Office.OpenAsync(folder))
    {
        await using var db = office.OpenDb();
        var intact = await db.Database.SqlQuery<string>($"PRAGMA integrity_check").ToListAsync();
        var (doubled, lost) = await Load.CheckAsync(office, task, acknowledged);
        Console.WriteLine($"killed {times} times: {acknowledged.Count} acknowledged answers, lost {lost}, double assignments {doubled}, integrity {intact[0]}");
    }

    Directory.Delete(folder, recursive: true);
}

static async Task ChildAsync(string folder)
{
    var ids = (await File.ReadAllLinesAsync(Path.Combine(folder, "ids.txt"))).Select(Guid.Parse).ToArray();
    await using var office = await Office.OpenAsync(folder);
    Caller[] people;
    await using (var db = office.OpenDb())
        people = [.. (await db.Memberships.Where(m => m.ProjectId == ids[0] && m.Role == WebTrainer.Domain.Projects.ProjectRole.Annotator).Select(m => m.UserId).ToListAsync()).Select(u => new Caller(u, u))];
    await using var log = new FileStream(Path.Combine(folder, "acknowledged.txt"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    var writing = new Lock();
    await Load.RunAsync(office, ids[0], ids[1], people, TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(20), (person, item, label) =>
    {
        var line = System.Text.Encoding.UTF8.GetBytes($"{person.UserId} {item} {label}\n");
        lock (writing)
            log.Write(line);
    });
}
