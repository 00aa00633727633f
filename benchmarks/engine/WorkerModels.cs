using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>Models of random weights, rows and run folders for measuring real workers.</summary>
internal sealed class WorkerModels(string baseModel) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("engine-").FullName;
    private int _number;

    /// <summary>A model of random weights with the shipped base's tokenizer.</summary>
    /// <param name="half">In bfloat16; else in float32.</param>
    public string Make(string name, ModelConfig config, bool half = true)
    {
        var folder = Path.Combine(_root, "model-" + name);
        ModelStore.Save(
            folder,
            config,
            ModelStore.Create(config, ScalarType.Float32, seed: 1).Parameters,
            half ? ScalarType.BFloat16 : ScalarType.Float32
        );
        foreach (var file in Directory.EnumerateFiles(baseModel, "tokenizer*.json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    /// <summary>Rows of about so many tokens, whose answers are a quarter of them.</summary>
    public DatasetFile Rows(int tokens)
    {
        var path = Path.Combine(_root, $"rows-{_number++}.jsonl");
        // " the" is one token; four more are the template's.
        string Words(int count) => string.Concat(Enumerable.Repeat(" the", count));
        File.WriteAllLines(
            path,
            Enumerable
                .Range(0, 200)
                .Select(i =>
                    JsonSerializer.Serialize(
                        new DatasetRow($"{i}", [new("user", Words((tokens * 3 / 4) - 5)), new("assistant", Words(tokens / 4))]),
                        ProtocolJson.Line
                    )
                )
        );
        return new(path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), 200);
    }

    public RunFolder Folder(JobSpec spec)
    {
        var folder = new RunFolder(Directory.CreateDirectory(Path.Combine(_root, $"{_number++}")).FullName);
        File.WriteAllText(folder.Spec, spec.ToText());
        return folder;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
