using WebTrainer.Pipeline.Import;

namespace WebTrainer.Pipeline.Tests.Support;

/// <summary>Real files that lie beside the repository on some machines; tests that want them are skipped elsewhere.</summary>
internal static class RealData
{
    public static SourceFile File(params string[] parts)
    {
        var relative = Path.Combine(["shared", "data", .. parts]);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, relative);
            if (System.IO.File.Exists(path))
            {
                return new SourceFile(path, parts[^1]);
            }
        }

        Assert.Skip($"The real data file {relative} is not beside this repository.");
        return null!;
    }
}
