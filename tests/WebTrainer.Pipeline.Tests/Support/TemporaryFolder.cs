using System.Text;
using WebTrainer.Pipeline.Import;

namespace WebTrainer.Pipeline.Tests.Support;

/// <summary>A folder of one test, gone after it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("pipeline-").FullName;

    public string At(string name) => Path.Combine(Root, name);

    public SourceFile Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public SourceFile Write(string name, byte[] bytes)
    {
        // Stored under another name, as uploads are: nothing may depend on the path.
        var path = At(Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, bytes);
        return new SourceFile(path, name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
