namespace WebTrainer.Tests.Shared;

/// <summary>Finds reference data beside the repository; tests that need it are skipped where it is absent.</summary>
internal static class SharedFiles
{
    public static string Find(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine([folder.FullName, "shared", .. parts]);
            if (Path.Exists(candidate))
            {
                return candidate;
            }
        }

        Assert.Skip($"shared/{string.Join('/', parts)} is not beside the repository.");
        return "";
    }
}
