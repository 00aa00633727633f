using System.Diagnostics;
using System.Text.Json;
using WebTrainer.Data;
using WebTrainer.Jobs;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Protocol;

// Two evaluations of the same rows, each with a model that was tuned and its base: how long until a page of rows and the tests are there.
const int Tries = 15;
var rows = args is [var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 100_000;
var data = new DataFolder(Directory.CreateTempSubdirectory("webtrainer-comparison-").FullName);
try
{
    data.Prepare();
    var folders = new RunFolders(data);
    Guid[] jobs = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    foreach (var (seed, job) in jobs.Index())
    {
        Write(folders.Of(job), seed);
    }

    Console.WriteLine($"{rows:N0} rows, {new FileInfo(folders.Of(jobs[0]).Examples).Length / 1e6:F0} MB of results an evaluation");
    await MeasureAsync("first time: from the worker's files", 1, _ => ReadyAsync(new ExampleStore(folders)));
    await MeasureAsync("portal started again: from the compact form", Tries, _ => ReadyAsync(new ExampleStore(folders)));
    var warm = new ExampleStore(folders);
    await ReadyAsync(warm);
    await MeasureAsync("another order, filter or page", Tries, _ => ReadyAsync(warm));

    async Task ReadyAsync(ExampleStore store)
    {
        var read = await Task.WhenAll(jobs.Select(job => store.ReadAsync(job, CancellationToken.None)));
        var (a, b) = (read[0], read[1]);
        var pairs = new PairedExamples(a!, a!.Of("run-1")!, b!, b!.Of("run-1")!);
        var page = pairs.Select(new PairQuery()).Take(ComparisonService.PageSize).ToList();
        var texts = store
            .Texts(jobs[0], a, page.Select(p => pairs.RowsOf(p).First))
            .Concat(store.Texts(jobs[1], b, page.Select(p => pairs.RowsOf(p).Second)))
            .Count();
        if (texts != 2 * ComparisonService.PageSize || PairStatistics.Of(pairs).Count != 3)
        {
            throw new InvalidOperationException("The page is not whole.");
        }
    }
}
finally
{
    Directory.Delete(data.Root, recursive: true);
}

void Write(RunFolder folder, int seed)
{
    var random = new Random(seed);
    Directory.CreateDirectory(folder.Output);
    using var stream = new BufferedStream(File.Create(folder.Examples));
    for (var row = 0; row < rows; row++)
    {
        ExampleAnswer Answer(string model, double share) =>
            new(
                model,
                $"label {random.Next(77)} said in some words",
                random.NextDouble() < share,
                3 * random.NextDouble(),
                random.NextDouble()
            );
        var result = new ExampleResult(
            $"row-{row:x8}-{row % 97}",
            $"A customer asks for the {row}th time why the card has not arrived, and whether {random.Next()} is the right number to call.",
            $"label {row % 77}",
            [Answer("base", 0.1), Answer("run-1", 0.85), Answer("linear", 0.88)]
        );
        stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(result, ProtocolJson.Line), (byte)'\n']);
    }
}

static async Task MeasureAsync(string what, int tries, Func<int, Task> act)
{
    var times = new List<double>();
    for (var i = 0; i < tries; i++)
    {
        var clock = Stopwatch.StartNew();
        await act(i);
        times.Add(clock.Elapsed.TotalMilliseconds);
    }

    times.Sort();
    Console.WriteLine($"{what}: median {times[tries / 2]:F0} ms, slowest {times[^1]:F0} ms of {tries}");
}
