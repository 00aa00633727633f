using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting;

public static class DataFolders
{
    public const string Variable = "WEBTRAINER_DATA";

    /// <summary>The data folder of this process: the variable, else the setting, relative to the content root.</summary>
    /// <exception cref="IOException">It can't be made or written.</exception>
    public static DataFolder Open(IConfiguration configuration, IHostEnvironment environment)
    {
        var folder = Find(configuration, environment);
        try
        {
            folder.Prepare();
            var probe = Path.Combine(folder.Temporary, "probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception ex) when (ex is UnauthorizedAccessException or IOException)
        {
            throw new StartFailureException(
                $"The data folder {folder.Root} can't be written ({ex.Message}). Choose another one with {Variable}=/some/folder.",
                ex
            );
        }

        return folder;
    }

    /// <summary>The same folder as it is, which another process may use.</summary>
    public static DataFolder Find(IConfiguration configuration, IHostEnvironment environment)
    {
        var path = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } fromVariable
            ? fromVariable
            : configuration[$"{PortalOptions.Section}:{nameof(PortalOptions.DataFolder)}"] ?? new PortalOptions().DataFolder;
        return new DataFolder(Path.GetFullPath(path, environment.ContentRootPath));
    }
}
