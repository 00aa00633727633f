namespace WebTrainer.Pipeline.Tests.Support;

/// <summary>What ships with the repository.</summary>
internal static class Repository
{
    /// <summary>The folder of the base model that ships with the program.</summary>
    public static string BaseModel => Path.Combine(Root(), "models", "webtrainer-base-8m");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WebTrainer.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
