using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Examples;

/// <summary>What one model did on each row.</summary>
/// <param name="Loss">NaN where there is none.</param>
public sealed record ModelColumn(string Name, bool[] Right, float[] TokenF1, float[] Loss);

/// <summary>
/// The per-example results of an evaluation without their texts: a few megabytes for 100,000 rows, which are compared in memory. Where a
/// row's texts stand in the worker's file is kept with it.
/// </summary>
public sealed class ExampleColumns
{
    private const int Version = 1;

    /// <summary>More different expected answers are no categories to filter by.</summary>
    private const int MostCategories = 1000;
    private const int MaxCategoryLength = 200;

    private ExampleColumns(string[] rowIds, long[] offsets, string[] categories, int[] categoryOf, IReadOnlyList<ModelColumn> models) =>
        (RowIds, Offsets, Categories, CategoryOf, Models) = (rowIds, offsets, categories, categoryOf, models);

    public string[] RowIds { get; }

    /// <summary>Byte at which each row begins in the worker's file; one more than rows, the last where it ends.</summary>
    public long[] Offsets { get; }

    /// <summary>The expected answers, where they are few; empty where answers are free text.</summary>
    public string[] Categories { get; }

    /// <summary>Of each row, the place of its category; -1 where there are none.</summary>
    public int[] CategoryOf { get; }

    public IReadOnlyList<ModelColumn> Models { get; }

    public int Count => RowIds.Length;

    public ModelColumn? Of(string model) => Models.FirstOrDefault(m => m.Name == model);

    /// <summary>Reads the worker's file once from its beginning to its end.</summary>
    public static ExampleColumns Build(string examplesPath, CancellationToken cancellationToken)
    {
        var building = new Builder();
        return building.End(
            JsonLines.ForEach(
                examplesPath,
                (line, at) => building.Add(JsonSerializer.Deserialize<ExampleResult>(line, ProtocolJson.Line)!, at),
                cancellationToken
            )
        );
    }

    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Version);
        writer.Write(Count);
        writer.Write(Categories.Length);
        writer.Write(Models.Count);
        foreach (var text in RowIds.Concat(Categories).Concat(Models.Select(m => m.Name)))
        {
            writer.Write(text);
        }

        WriteArray(writer, Offsets);
        WriteArray(writer, CategoryOf);
        foreach (var model in Models)
        {
            WriteArray(writer, model.Right);
            WriteArray(writer, model.TokenF1);
            WriteArray(writer, model.Loss);
        }
    }

    /// <returns>Null where it is of another version of this program.</returns>
    public static ExampleColumns? Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadInt32() != Version)
        {
            return null;
        }

        var (rows, categories, models) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        string[] Texts(int count) => [.. Enumerable.Range(0, count).Select(_ => reader.ReadString())];
        var (rowIds, names, modelNames) = (Texts(rows), Texts(categories), Texts(models));
        return new ExampleColumns(
            rowIds,
            ReadArray<long>(reader, rows + 1),
            names,
            ReadArray<int>(reader, rows),
            [
                .. modelNames.Select(name => new ModelColumn(
                    name,
                    ReadArray<bool>(reader, rows),
                    ReadArray<float>(reader, rows),
                    ReadArray<float>(reader, rows)
                )),
            ]
        );
    }

    private static void WriteArray<T>(BinaryWriter writer, T[] values)
        where T : unmanaged => writer.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));

    private static T[] ReadArray<T>(BinaryReader reader, int count)
        where T : unmanaged
    {
        var values = new T[count];
        reader.BaseStream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private sealed class Builder
    {
        private readonly List<string> _rowIds = [];
        private readonly List<long> _offsets = [];
        private readonly List<int> _categoryOf = [];
        private readonly Dictionary<string, int> _categories = [];
        private readonly Dictionary<string, (List<bool> Right, List<float> F1, List<float> Loss)> _models = [];

        public void Add(ExampleResult example, long offset)
        {
            _rowIds.Add(example.RowId);
            _offsets.Add(offset);
            var isCategory = example.Expected.Length <= MaxCategoryLength && _categories.Count <= MostCategories;
            if (isCategory)
            {
                _categories.TryAdd(example.Expected, _categories.Count);
            }

            _categoryOf.Add(isCategory ? _categories[example.Expected] : int.MaxValue);
            foreach (var answer in example.Answers)
            {
                if (!_models.TryGetValue(answer.Model, out var model))
                {
                    _models[answer.Model] = model = ([], [], []);
                }

                model.Right.Add(answer.Right);
                model.F1.Add((float)answer.TokenF1);
                model.Loss.Add((float)(answer.Loss ?? double.NaN));
            }
        }

        public ExampleColumns End(long length)
        {
            // Answers that hardly ever repeat are free text.
            var few = !_categoryOf.Contains(int.MaxValue) && _categories.Count <= Math.Max(2, _rowIds.Count / 4);
            return new ExampleColumns(
                [.. _rowIds],
                [.. _offsets, length],
                few ? [.. _categories.Keys] : [],
                few ? [.. _categoryOf] : [.. Enumerable.Repeat(-1, _rowIds.Count)],
                [
                    .. _models
                        .Where(m => m.Value.Right.Count == _rowIds.Count)
                        .Select(m => new ModelColumn(m.Key, [.. m.Value.Right], [.. m.Value.F1], [.. m.Value.Loss])),
                ]
            );
        }
    }
}
