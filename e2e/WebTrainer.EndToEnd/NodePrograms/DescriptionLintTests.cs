using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd.NodePrograms;

/// <summary>The API's description before a checker of the field.</summary>
public sealed class DescriptionLintTests
{
    [Fact, Trait(Traits.Category, Traits.BeforeRelease)]
    public async Task ApiDescription_HasNoErrors_BeforeRedocly()
    {
        using var node = await NodeFolder.WithAsync("@redocly/cli@2.77.0");
        await using var portal = await PortalProcess.StartAsync();
        using var http = new HttpClient();
        await node.WriteAsync("api.json", await http.GetStringAsync(portal.Address + "/openapi/v1.json"));
        var (exit, said) = await node.RunAsync("npx", ["redocly", "lint", "api.json", "--format=summary"], ("REDOCLY_TELEMETRY", "off"));
        Assert.True(exit == 0, said);
    }
}
