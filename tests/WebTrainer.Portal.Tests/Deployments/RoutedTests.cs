using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Deployments;

/// <summary>What a version's settings make of a request.</summary>
public sealed class RoutedTests
{
    private static DeploymentSettings Settings(VersionRequest chosen) => new("tiny", "a", null, null, chosen);

    private static readonly VersionRequest s_chosen = new(null, "tiny")
    {
        Temperature = 0.5,
        MaxTokens = 7,
        Stop = ["END"],
        System = "Be brief.",
    };

    [Fact]
    public void Defaults_StandWhereTheRequestSaysNothing_AndOnlyThere()
    {
        var open = Routed.WithDefaults(new CompletionBody(), Settings(s_chosen));
        Assert.Equal((0.5, 7), (open.Temperature, open.MaxTokens));
        var said = Routed.WithDefaults(new CompletionBody { Temperature = 1, MaxCompletionTokens = 3 }, Settings(s_chosen));
        Assert.Equal((1, null, 3), (said.Temperature, said.MaxTokens, said.MaxCompletionTokens));
        Assert.Null(Routed.WithDefaults(new CompletionBody(), settings: null).Temperature);
    }

    [Fact]
    public void SystemText_StandsBeforeConversationsThatBringNone_AndKeepsTheirTools()
    {
        var tools = System.Text.Json.JsonSerializer.SerializeToElement(new[] { 1 });
        var messages = Routed.WithSystem([new("user", "hi") { Tools = tools }], "Be brief.");
        Assert.Equal([("system", "Be brief."), ("user", "hi")], messages.Select(m => (m.Role, m.Content)));
        Assert.NotNull(messages[0].Tools);
        Assert.Null(messages[1].Tools);
        ChatMessage[] own = [new("system", "Be long."), new("user", "hi")];
        Assert.Same(own, Routed.WithSystem(own, "Be brief."));
        Assert.Same(own, Routed.WithSystem(own, ""));
    }

    [Fact]
    public void Stops_AreThoseOfBoth_AndLabelsAreTheOnlyAnswers()
    {
        var request = new GenerateRequest("1", "", [new("user", "hi")]) { Stop = ["X", "END"] };
        Assert.Equal(["X", "END"], Routed.With(request, Settings(s_chosen)).Stop);
        Assert.Null(Routed.With(request, Settings(s_chosen)).Constraint);
        var labelled = Settings(s_chosen with { Labels = ["refund", "lost card"] });
        Assert.Equal(["refund", "lost card"], Routed.With(request, labelled).Constraint!.Choices);
        var refused = Assert.Throws<OpenAiException>(() => Routed.With(request with { Constraint = AnswerConstraint.AnyObject }, labelled));
        Assert.Contains("one of its 2 labels", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Place_IsTheSameEachTime_AndSpreadsCallersEvenly()
    {
        var deployment = Guid.NewGuid();
        Assert.Equal(Routed.Place(deployment, "ana"), Routed.Place(deployment, "ana"));
        var below = Enumerable.Range(0, 2000).Count(i => Routed.Place(deployment, $"caller {i}") < 10);
        Assert.InRange(below, 150, 250); // 10 % of 2,000, five standard errors
    }
}
