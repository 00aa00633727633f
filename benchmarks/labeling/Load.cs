using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Benchmarks.Labeling;

/// <summary>Many annotators at once, each at a person's pace or as fast as the services go.</summary>
internal static class Load
{
    private static readonly string[] s_labels = ["a", "b", "c", "d", "e"];

    /// <param name="think">Mean time that a person looks at an item; zero for none.</param>
    /// <param name="acknowledged">Gets each answer when the service has taken it.</param>
    /// <returns>Milliseconds of each claim with its item, and of each submission.</returns>
    public static async Task<(List<double> Claims, List<double> Submissions)> RunAsync(
        Office office,
        Guid project,
        Guid task,
        Caller[] people,
        TimeSpan duration,
        TimeSpan think,
        Action<Caller, Guid, string> acknowledged
    )
    {
        var (claims, submissions) = (new ConcurrentBag<double>(), new ConcurrentBag<double>());
        using var stop = new CancellationTokenSource(duration);
        await Task.WhenAll(
            people.Select(
                (person, i) =>
                    Task.Run(async () =>
                    {
                        var random = new Random(i);
                        try
                        {
                            await PauseAsync(random, think, stop.Token);
                            while (!stop.IsCancellationRequested)
                            {
                                var started = Stopwatch.GetTimestamp();
                                var desk = await office.Answers.GoAsync(
                                    person,
                                    project,
                                    task,
                                    AnswerMove.Next,
                                    null,
                                    CancellationToken.None
                                );
                                claims.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                                if (desk.Item is not { } item)
                                {
                                    return;
                                }

                                await PauseAsync(random, think, stop.Token);
                                var label = s_labels[random.Next(100) < 80 ? item.Ordinal % 5 : random.Next(5)];
                                started = Stopwatch.GetTimestamp();
                                await office.Answers.SubmitAsync(
                                    person,
                                    project,
                                    item.Id,
                                    new Dictionary<string, string> { ["label"] = label },
                                    1,
                                    CancellationToken.None
                                );
                                submissions.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                                acknowledged(person, item.Id, label);
                            }
                        }
                        catch (OperationCanceledException)
                        {
                            // The time is over in the middle of a thought.
                        }
                    })
            )
        );
        return ([.. claims.Order()], [.. submissions.Order()]);
    }

    /// <returns>Items that more people have than they should, people who have an item twice, and acknowledged answers that are not there as
    /// given.</returns>
    public static async Task<(int Double, int Lost)> CheckAsync(
        Office office,
        Guid task,
        IReadOnlyCollection<(string User, Guid Item, string Label)> acknowledged
    )
    {
        await using var db = office.OpenDb();
        var rows = await db
            .Assignments.Where(a => a.TaskId == task)
            .Select(a => new
            {
                a.ItemId,
                a.UserId,
                a.State,
                a.Values,
            })
            .ToListAsync();
        var wanted = await db
            .LabelItems.Where(i => i.TaskId == task)
            .Select(i => new
            {
                i.Id,
                i.Wanted,
                i.Places,
            })
            .ToDictionaryAsync(i => i.Id);
        var taken = rows.Where(r => r.State is AssignmentState.Held or AssignmentState.Answered)
            .GroupBy(r => r.ItemId)
            .ToDictionary(g => g.Key, g => g.Count());
        var twice = rows.GroupBy(r => (r.ItemId, r.UserId)).Count(g => g.Count() > 1);
        var over = wanted.Values.Count(i =>
            taken.GetValueOrDefault(i.Id) > i.Wanted || i.Places != i.Wanted - taken.GetValueOrDefault(i.Id)
        );
        var given = rows.Where(r => r.State == AssignmentState.Answered)
            .ToDictionary(r => (r.UserId, r.ItemId), r => QuestionForm.Read(r.Values)["label"]);
        return (twice + over, acknowledged.Count(a => given.GetValueOrDefault((a.User, a.Item)) != a.Label));
    }

    private static Task PauseAsync(Random random, TimeSpan mean, CancellationToken cancellationToken) =>
        mean == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(mean * (0.5 + random.NextDouble()), cancellationToken);
}
