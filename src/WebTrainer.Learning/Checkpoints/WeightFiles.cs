using System.Text.Json;
using TorchSharp;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Checkpoints;

/// <summary>
/// The weights of a model's folder, in one safetensors file or in several that <c>model.safetensors.index.json</c> lists. Tensors
/// lie over the memory-mapped files: loading costs no copy, and the operating system shares the pages between processes. The map
/// is private, so writing to a tensor changes memory and never the file.
/// </summary>
public sealed class WeightFiles
{
    private const string SingleFile = "model.safetensors",
        IndexFile = "model.safetensors.index.json";
    private const long MaximumIndexBytes = 32L << 20;
    private const int MaximumFiles = 1000;
    private readonly Dictionary<string, (string Path, long Start, SafetensorsEntry Entry)> _entries = [];
    private readonly Dictionary<(string Path, ScalarType Type), Tensor> _maps = [];

    /// <exception cref="ModelFileException">A file is missing, not safetensors, or contradicts itself or the index.</exception>
    public WeightFiles(string folder)
    {
        foreach (var path in Paths(folder))
        {
            var header = Safetensors.ReadHeader(path);
            foreach (var entry in header.Entries.Values)
            {
                if (!_entries.TryAdd(entry.Name, (path, header.DataStart, entry)))
                {
                    throw new ModelFileException($"The tensor '{entry.Name}' is in two files of the model.");
                }
            }
        }
    }

    /// <summary>Names of all weights as the files have them, in no order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>
    /// The name under which the files have a weight: checkpoints of a bare model leave out the first part, the first BERTs call gain and
    /// offset of a norm gamma and beta, and models of images have their text part below a name of its own.
    /// </summary>
    /// <returns>Null when they have it under none.</returns>
    public string? Find(string name)
    {
        var old = name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
        return new[] { name, old }.SelectMany(Synonyms).FirstOrDefault(_entries.ContainsKey);
    }

    private static IEnumerable<string> Synonyms(string name)
    {
        var bare = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return [name, bare, "language_model." + name, "model.language_model." + bare, "model.text_model." + bare];
    }

    /// <summary>Dimensions of a weight, the outermost first.</summary>
    /// <param name="name">As in <see cref="Names"/>; <see cref="Find"/> knows other spellings.</param>
    /// <exception cref="KeyNotFoundException">No file has the weight.</exception>
    public long[] ShapeOf(string name) => _entries[name].Entry.Shape;

    /// <summary>Type of a weight's numbers in the files.</summary>
    /// <exception cref="KeyNotFoundException">No file has the weight.</exception>
    internal ScalarType TypeOf(string name) => _entries[name].Entry.Type;

    /// <returns>A tensor over the mapped file, owned by the caller.</returns>
    public Tensor Read(string name)
    {
        var (path, start, entry) = _entries[name];
        using var scope = NewDisposeScope();
        var size = entry.Type.ElementSize();
        if ((start + entry.Begin) % size == 0)
        {
            return Map(path, entry.Type, size)
                .narrow(0, (start + entry.Begin) / size, entry.Bytes / size)
                .view(entry.Shape)
                .MoveToOuterDisposeScope();
        }

        // Some writers begin their data at any byte; numbers in memory can't.
        var copy = empty(entry.Shape, entry.Type);
        Map(path, ScalarType.Byte, 1).narrow(0, start + entry.Begin, entry.Bytes).bytes.CopyTo(copy.bytes);
        return copy.MoveToOuterDisposeScope();
    }

    /// <summary>The whole file as numbers of a type; what is left at its end is no tensor's.</summary>
    private Tensor Map(string path, ScalarType type, int size)
    {
        if (!_maps.TryGetValue((path, type), out var map))
        {
            map = from_file(path, shared: false, size: LinkedFile.Of(path)!.Length / size, dtype: type).DetachFromDisposeScope();
            _maps[(path, type)] = map;
        }

        return map;
    }

    /// <summary>Lets go of the maps; tensors over them keep what they need.</summary>
    public void Release()
    {
        foreach (var map in _maps.Values)
        {
            map.Dispose();
        }

        _maps.Clear();
    }

    private static IReadOnlyList<string> Paths(string folder)
    {
        var single = Path.Combine(folder, SingleFile);
        if (File.Exists(single))
        {
            return [single];
        }

        var index = Path.Combine(folder, IndexFile);
        if (File.Exists(index))
        {
            return Listed(folder, index);
        }

        var pickles =
            Directory.Exists(folder)
            && Directory.EnumerateFiles(folder).Any(file => Path.GetExtension(file) is ".bin" or ".pt" or ".pth" or ".ckpt");
        throw new ModelFileException(
            pickles
                ? "The folder has its weights as pickle (.bin, .pt, .ckpt), which can run code when read; convert them to model.safetensors."
                : $"The folder has no {SingleFile}."
        );
    }

    private static List<string> Listed(string folder, string index)
    {
        ModelFileException.ThrowIfTooLarge(index, MaximumIndexBytes);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index), new JsonDocumentOptions { MaxDepth = 8 });
            var files = document
                .RootElement.GetProperty("weight_map")
                .EnumerateObject()
                .Select(entry => entry.Value.GetString() ?? "")
                .Distinct()
                .Take(MaximumFiles + 1)
                .ToList();
            if (
                files.Count > MaximumFiles
                || files.Find(file =>
                    file.Length == 0 || file != Path.GetFileName(file) || !file.EndsWith(".safetensors", StringComparison.Ordinal)
                )
                    is { } bad
            )
            {
                throw new ModelFileException(
                    $"{IndexFile} names more than {MaximumFiles} files or one that is no safetensors file beside it."
                );
            }

            return [.. files.Select(file => Path.Combine(folder, file))];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelFileException($"{IndexFile} can't be read: {exception.Message}", exception);
        }
    }
}
