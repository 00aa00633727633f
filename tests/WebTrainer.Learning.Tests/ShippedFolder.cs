namespace WebTrainer.Learning.Tests;

/// <summary>The base model that the program brings.</summary>
internal static class ShippedFolder
{
    public static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "models", "webtrainer-base-8m")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "models", "webtrainer-base-8m");
    }
}
