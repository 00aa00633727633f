using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Benchmarks.Labeling;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

// dotnet run -c Release -- load [items] [people] [seconds] [think ms]
// dotnet run -c Release -- agreement [items] [people]
// dotnet run -c Release -- kill [times]
// dotnet run -c Release -- weak MESSAGES.tsv FUNCTIONS.json FOLDER
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int Number(int place, int otherwise) => args.Length > place ? int.Parse(args[place]) : otherwise;
switch (args.FirstOrDefault())
{
    case "load":
        await LoadAsync(Number(1, 100_000), Number(2, 200), Number(3, 60), Number(4, 2_000));
        break;
    case "agreement":
        await AgreementAsync(Number(1, 100_000), Number(2, 200));
        break;
    case "kill":
        await KillAsync(Number(1, 10));
        break;
    case "weak":
        await WeakLabels.WriteAsync(args[1], args[2], args[3], 0.9);
        break;
    case "child":
        await ChildAsync(args[1]);
        break;
    default:
        Console.WriteLine("load, agreement, kill or weak");
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

// What the page of a task shows of a hundred thousand items with three answers each: read, counted, and by itself.
static async Task AgreementAsync(int items, int people)
{
    var folder = Directory.CreateTempSubdirectory("labeling-agreement-").FullName;
    await using (var office = await Office.OpenAsync(folder))
    {
        var (project, task, callers) = await office.FillAsync(items, people);
        await office.AnswerAllAsync(task, callers);
        var lead = await office.LeadAsync(project);
        var overviews = office.Services.GetRequiredService<TaskOverviews>();
        for (var round = 0; round < 5; round++)
        {
            var started = Stopwatch.StartNew();
            var view = await overviews.ReadAsync(lead, project, task, default);
            var counted = started.Elapsed.TotalSeconds;
            var found = (await overviews.AgreementAsync(lead, project, task, default))[0];
            Console.WriteLine(
                $"progress of {view.People.Count} people {counted:F3} s; agreement {started.Elapsed.TotalSeconds - counted:F3} s: α {found.Alpha:F4} [{found.AlphaInterval!.Value.Low:F4}, {found.AlphaInterval.Value.High:F4}], " +
                $"κ {found.Kappa:F4}, {found.Pairs.Count} pairs, reliability of {found.Reliability.Count} people");
        }
    }

    Directory.Delete(folder, recursive: true);
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
