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
// dotnet run -c Release -- web [items] [people] [seconds] [kills] [think ms]
// dotnet run -c Release -- circuits [items] [people] [seconds] [think ms]
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
    case "web":
        await WebLoad.RunAsync(
            Number(1, 20_000),
            Number(2, 200),
            TimeSpan.FromSeconds(Number(3, 600)),
            Number(4, 20),
            TimeSpan.FromMilliseconds(Number(5, 2_000))
        );
        break;
    case "circuits":
        await CircuitLoad.RunAsync(
            Number(1, 100_000),
            Number(2, 200),
            TimeSpan.FromSeconds(Number(3, 600)),
            TimeSpan.FromMilliseconds(Number(4, 2_000))
        );
        break;
    case "weak":
        await WeakLabels.WriteAsync(args[1], args[2], args[3], 0.9);
        break;
    default:
        Console.WriteLine("load, agreement, web, circuits or weak");
        break;
}

static string Milliseconds(List<double> sorted) =>
    sorted.Count == 0
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
        // the table of texts is made at the first claim
        await office.Answers.GoAsync(callers[0], project, task, AnswerMove.Next, null, default);
        Console.WriteLine($"first item after {started.Elapsed.TotalSeconds:F1} s");
        var acknowledged = new ConcurrentBag<(string, Guid, string)>();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var (claims, submissions) = await Load.RunAsync(
            office,
            project,
            task,
            callers,
            TimeSpan.FromSeconds(seconds),
            TimeSpan.FromMilliseconds(think),
            (person, item, label) => acknowledged.Add((person.UserId, item, label))
        );
        var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / seconds;
        var (doubled, lost) = await Load.CheckAsync(office, task, acknowledged);
        Console.WriteLine($"claim + next item: {Milliseconds(claims)}");
        Console.WriteLine($"submission: {Milliseconds(submissions)}");
        Console.WriteLine(
            $"{acknowledged.Count / (double)seconds:F0} answers a second, {used:F2} cores of this process; double assignments {doubled}, lost answers {lost}"
        );
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
                $"progress of {view.People.Count} people {counted:F3} s; agreement {started.Elapsed.TotalSeconds - counted:F3} s: α {found.Alpha:F4} [{found.AlphaInterval!.Value.Low:F4}, {found.AlphaInterval.Value.High:F4}], "
                    + $"κ {found.Kappa:F4}, {found.Pairs.Count} pairs, reliability of {found.Reliability.Count} people"
            );
        }
    }

    Directory.Delete(folder, recursive: true);
}
