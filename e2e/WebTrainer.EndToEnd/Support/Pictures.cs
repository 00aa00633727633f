using Microsoft.Playwright;

namespace WebTrainer.EndToEnd.Support;

/// <summary>Pages as pictures, for a person to look at. Nothing is held against them, and they take longer than the tests, so that they are
/// made where somebody asked for them: the environment names the folder, as <c>./test e2e</c> does.</summary>
public static class Pictures
{
    private const string FolderVariable = "WEBTRAINER_PICTURES";
    private static readonly string? s_folder = Environment.GetEnvironmentVariable(FolderVariable);

    public static bool AreWanted => !string.IsNullOrEmpty(s_folder);

    /// <param name="page">The whole of it is shown, as far as it can be scrolled.</param>
    /// <param name="name">Of the file, without its ending.</param>
    public static async Task TakeAsync(IPage page, string name)
    {
        if (AreWanted)
        {
            var path = Path.Combine(Directory.CreateDirectory(s_folder!).FullName, name + ".png");
            await page.ScreenshotAsync(new() { Path = path, FullPage = true });
        }
    }
}
