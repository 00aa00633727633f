namespace WebTrainer.Portal.Tests.Shared;

/// <summary>Where the project's files are, for tests that read them.</summary>
internal static class Sources
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "WebTrainer.sln"))
            ? folder
            : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests don't run within the repository."));
}
