using WebTrainer.Tests.Shared;

namespace WebTrainer.Benchmarks.Engine;

/// <summary>
/// A folder of a BERT of the shape of MiniLM (6 layers, width 384, 12 heads, 1,536 inside, 30,000 words), random weights.
/// </summary>
internal sealed class MiniLmShape : IDisposable
{
    private const int Vocabulary = 30_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("minilm-").FullName;

    public MiniLmShape()
    {
        Words = [.. Enumerable.Range(0, Vocabulary).Select(i => $"word{i}")];
        Path = new TinyBert
        {
            Words = Words,
            Hidden = 384,
            Inner = 1536,
            Layers = 6,
            Heads = 12,
            Context = 512,
        }.Write(System.IO.Path.Combine(_folder, "model"));
    }

    public string Path { get; }

    public string[] Words { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
