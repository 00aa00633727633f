using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Search;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Benchmarks.Search;

/// <summary>
/// Learning rate, rank and alpha of an adapter on banking77, by several samplers, trial by trial in turn, so that what else the machine
/// does falls on all. Each trial is a worker with one thread. What is done stands in trials.csv; started again, it goes on.
/// </summary>
internal sealed class RealSearch(string prepared, string worker, string outFolder, long seed, IReadOnlyCollection<string> only)
{
    private const int Rows = 2000;
    private const int Trials = 20,
        GridTrials = 36;
    private static readonly SearchSpace s_space = new([
        new FloatParameter("learningRate", 1e-4, 2e-2, Logarithmic: true),
        new IntegerParameter("rank", 4, 64, Logarithmic: true),
        new FloatParameter("alpha", 4, 128, Logarithmic: true),
    ]);

    private string Table => Path.Combine(outFolder, "trials.csv");

    public void Run()
    {
        Directory.CreateDirectory(outFolder);
        if (!File.Exists(Table))
        {
            File.WriteAllText(Table, "sampler,number,learning_rate,rank,alpha,validation_loss,accuracy,steps,wall_seconds,cpu_seconds\n");
        }

        var template = JobSpec.Read<TrainSpec>(File.ReadAllText(Path.Combine(prepared, "train", "spec.json")));
        var data = template.Data! with { Train = Subset(template.Data.Train!), Test = null, General = null };
        (string Name, ISampler Sampler, int Trials)[] racers =
        [
            ("tpe", new TpeSampler { StartTrials = 6 }, Trials),
            ("grid", new GridSampler(GridTrials), GridTrials),
            ("gp", new GaussianSampler { StartTrials = 6 }, Trials),
        ];
        racers = [.. racers.Where(r => only.Count == 0 || only.Contains(r.Name))];
        for (var round = 0; round < racers.Max(r => r.Trials); round++)
        {
            foreach (var (name, sampler, trials) in racers)
            {
                var history = Read(name);
                if (history.Count <= round && history.Count < trials && sampler.Next(s_space, history, seed) is { } point)
                {
                    Try(name, history.Count, point, template with { Data = data });
                }
            }
        }
    }

    private void Try(string name, int number, IReadOnlyDictionary<string, double> point, TrainSpec template)
    {
        var folder = new RunFolder(Path.Combine(outFolder, $"{name}-{number}"));
        if (Directory.Exists(folder.Root))
        {
            Directory.Delete(folder.Root, recursive: true); // of a trial that was broken off
        }

        Directory.CreateDirectory(folder.Root);
        var spec = template with
        {
            RunId = Guid.CreateVersion7(),
            Method = template.Method with { Rank = (int)point["rank"], Alpha = point["alpha"] },
            Training = template.Training with { LearningRate = point["learningRate"], Epochs = 1, Samples = 0 },
            Threads = 1,
        };
        File.WriteAllText(folder.Spec, spec.ToText());
        var clock = Stopwatch.StartNew();
        var cpu = Work(folder);
        var wall = clock.Elapsed;
        var (validation, steps) = Result(folder);
        File.AppendAllText(
            Table,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name},{number},{point["learningRate"]:R},{point["rank"]},{point["alpha"]:R},{validation?.Loss},{validation?.Accuracy},{steps},{wall.TotalSeconds:F1},{cpu.TotalSeconds:F1}\n"
            )
        );
        Directory.Delete(folder.Root, recursive: true);
    }

    private TimeSpan Work(RunFolder folder)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet")
            {
                ArgumentList = { worker, "run", folder.Root },
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var cpu = TimeSpan.Zero;
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(200)))
        {
            try
            {
                process.Refresh();
                cpu = process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                break; // it ended just now; what it had used until then is known
            }
        }

        process.WaitForExit();
        return cpu;
    }

    private static (ValidationEvent? Last, int Steps) Result(RunFolder folder)
    {
        var events = new EventReader(folder.Events).Read().Events;
        return (events.OfType<ValidationEvent>().LastOrDefault(), events.OfType<StepEvent>().LastOrDefault()?.Step ?? 0);
    }

    private DatasetFile Subset(DatasetFile train)
    {
        var path = Path.Combine(Path.GetFullPath(outFolder), "train.jsonl");
        File.WriteAllLines(path, File.ReadLines(train.Path).Take(Rows));
        return new DatasetFile(path, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))), Rows);
    }

    private List<Trial> Read(string name) =>
        [
            .. File.ReadLines(Table)
                .Skip(1)
                .Select(line => line.Split(','))
                .Where(cells => cells[0] == name)
                .Select(
                    (cells, number) =>
                        new Trial(
                            number,
                            new Dictionary<string, double>
                            {
                                ["learningRate"] = Number(cells[2])!.Value,
                                ["rank"] = Number(cells[3])!.Value,
                                ["alpha"] = Number(cells[4])!.Value,
                            },
                            Number(cells[5]) is { } loss && double.IsFinite(loss) ? TrialState.Completed : TrialState.Failed,
                            Number(cells[5])
                        )
                ),
        ];

    private static double? Number(string cell) => cell.Length == 0 ? null : double.Parse(cell, CultureInfo.InvariantCulture);
}
