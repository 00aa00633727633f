using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd.NodePrograms;

/// <summary>The endpoint before the clients that people really use, of npm.</summary>
public sealed class ClientsTests
{
    private const string Model = "small-writer";
    private const string Expected = """
        models.list: true
        models.retrieve: true
        chat: {"text":"string","reason":"REASON","used":true}
        chat streamed: {"same":true,"used":true}
        completion: "string"
        responses: {"status":"STATUS","text":"string"}
        unknown model: {"name":"NotFoundError","status":404,"code":"model_not_found","type":"invalid_request_error"}
        unknown route: {"name":"NotFoundError","status":404,"code":"unknown_url","type":"invalid_request_error"}
        too long: {"name":"BadRequestError","status":400,"code":"context_length_exceeded","type":"invalid_request_error"}
        wrong key: {"name":"AuthenticationError","status":401,"code":"invalid_api_key","type":"authentication_error"}
        langchain: true
        langchain streamed: true
        ai: true
        ai streamed: true
        """;

    [Fact, Trait(Traits.Category, Traits.BeforeRelease)]
    public async Task Clients_AskStreamAndAreRefused_AsWithTheOriginal()
    {
        using var node = await NodeFolder.WithAsync(
            "openai@7.55.0",
            "@langchain/openai@1.6.0",
            "@langchain/core@1.4.0",
            "ai@7.0.173",
            "@ai-sdk/openai-compatible@3.0.92"
        );
        await using var team = await Team.AssembleAsync();
        var key = await team.DeployAsync(Model, new { baseModel = "webtrainer-base-8m" });
        var script = Path.Combine(PortalProcess.RepositoryRoot, "e2e/WebTrainer.EndToEnd/NodePrograms/clients.mjs");
        await node.WriteAsync("clients.mjs", await File.ReadAllTextAsync(script));
        var (exit, said) = await node.RunAsync(
            "node",
            ["clients.mjs"],
            ("BASE_URL", team.Portal.Address + "/v1"),
            ("API_KEY", key),
            ("MODEL", Model)
        );
        Assert.True(exit == 0, said);
        Assert.Equal(
            Expected.ReplaceLineEndings("\n"),
            string.Join('\n', said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Masked))
        );
    }

    // A small base may or may not have ended its answer within the tokens it was given: both are right.
    private static string Masked(string line) =>
        line.StartsWith("chat:", StringComparison.Ordinal) ? line.Replace("\"stop\"", "\"REASON\"").Replace("\"length\"", "\"REASON\"")
        : line.StartsWith("responses:", StringComparison.Ordinal)
            ? line.Replace("\"completed\"", "\"STATUS\"").Replace("\"incomplete\"", "\"STATUS\"")
        : line;
}
