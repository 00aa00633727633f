using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Export;

/// <summary>Merges an adapter into its base, or writes a model as GGUF.</summary>
public sealed record ExportErrand(ExportSpec Models) : Errand<ExportedModel>(Models)
{
    internal override bool LeavesFolder => true;

    internal override TimeSpan Limit(JobsOptions options) => options.ExportTimeout;

    internal override string ResultIn(RunFolder folder) => folder.Merged;

    internal override ExportedModel Take(RunFolder folder) => new(folder.Root, folder.Merged);
}

/// <summary>A folder with the model; gone when disposed.</summary>
public sealed class ExportedModel(string root, string path) : IAsyncDisposable
{
    public string Path => path;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return ValueTask.CompletedTask;
    }
}
