using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd;

/// <summary>The worker alone, on a run folder, as a cluster would start it.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class CheckpointTests : IDisposable
{
    private const int Steps = 24;
    private readonly string _root = Directory.CreateTempSubdirectory("webtrainer-checkpoints-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Three kills, each in the moment a checkpoint is being written; the curve is that of the run that nobody touched.</summary>
    [Fact]
    public async Task WorkerKilledWhileWritingCheckpoints_GoesOnBitByBit()
    {
        var unbroken = Folder("unbroken");
        using (var worker = Start(unbroken))
        {
            await worker.WaitForExitAsync();
            Assert.Equal(0, worker.ExitCode);
        }

        var broken = Folder("broken");
        var kills = 0;
        for (var done = false; !done; )
        {
            using var worker = Start(broken);
            done = kills == 3 || !await KillInACheckpointAsync(worker, broken, afterStep: 5 * (kills + 1));
            if (done)
            {
                await worker.WaitForExitAsync();
            }
            else
            {
                kills++;
            }
        }

        Assert.Equal(3, kills);
        Assert.Equal(Losses(unbroken), Losses(broken));
        Assert.Equal(Hash(unbroken), Hash(broken));
    }

    private static async Task<bool> KillInACheckpointAsync(Process worker, string folder, int afterStep)
    {
        var checkpoints = Path.Combine(folder, "checkpoints");
        while (!worker.HasExited)
        {
            var names = Directory.Exists(checkpoints)
                ? Directory.EnumerateDirectories(checkpoints).Select(path => Path.GetFileName(path)).ToList()
                : [];
            if (names.Any(name => name.EndsWith(".tmp", StringComparison.Ordinal) && int.Parse(name[5..13]) > afterStep))
            {
                worker.Kill();
                await worker.WaitForExitAsync();
                return true;
            }

            await Task.Yield();
        }

        return false;
    }

    private static Process Start(string folder)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(PortalProcess.RepositoryRoot, "src/WebTrainer.Worker/bin/Release/net10.0/WebTrainer.Worker.dll"), "run", folder]
        )
        {
            UseShellExecute = false,
        };
        // As the portal does where the system's own are too old.
        if (Environment.GetEnvironmentVariable("Jobs__WorkerLibraries") is { } libraries)
        {
            start.Environment["LD_LIBRARY_PATH"] = libraries;
        }

        return Process.Start(start)!;
    }

    private string Folder(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        var rows = Path.Combine(_root, "rows.jsonl");
        File.WriteAllLines(
            rows,
            Enumerable
                .Range(0, 40)
                .Select(i =>
                    JsonSerializer.Serialize(
                        new
                        {
                            id = $"r{i}",
                            messages = new[]
                            {
                                new { role = "user", content = $"What is {i} plus one?" },
                                new { role = "assistant", content = $"It is {i + 1}." },
                            },
                        }
                    )
                )
        );
        File.WriteAllText(
            Path.Combine(folder, "spec.json"),
            JsonSerializer.Serialize(
                new
                {
                    version = 1,
                    runId = Guid.Empty,
                    kind = "train",
                    threads = 1,
                    baseModel = Path.Combine(PortalProcess.RepositoryRoot, "models/webtrainer-base-8m"),
                    data = new
                    {
                        train = new
                        {
                            path = rows,
                            sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(rows))),
                            rows = 40,
                        },
                    },
                    method = new { rank = 64, dropout = 0.1 },
                    training = new
                    {
                        maxSteps = Steps,
                        epochs = 100,
                        microBatch = 4,
                        checkpointEverySteps = 1,
                        contextTokens = 64,
                    },
                }
            )
        );
        return folder;
    }

    private static SortedDictionary<int, double> Losses(string folder)
    {
        var losses = new SortedDictionary<int, double>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "events.jsonl")))
        {
            var entry = JsonSerializer.Deserialize<JsonElement>(line);
            if (entry.GetProperty("type").GetString() == "step")
            {
                losses[entry.GetProperty("step").GetInt32()] = entry.GetProperty("loss").GetDouble();
            }
        }

        Assert.Equal(Enumerable.Range(1, Steps), losses.Keys);
        return losses;
    }

    private static string Hash(string folder) =>
        Convert.ToHexStringLower(
            SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "output", "adapter", "adapter_model.safetensors")))
        );
}
