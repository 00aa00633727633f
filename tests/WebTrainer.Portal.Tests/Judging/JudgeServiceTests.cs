using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using WebTrainer.Domain;
using WebTrainer.Domain.Judging;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Tests.Judging;

public sealed class JudgeServiceTests : JudgingTest
{
    private const string Canary = "sk-secret-canary";

    [Fact]
    public async Task Key_IsKeptEncrypted_AndShownNowhere()
    {
        var judge = await AddJudgeAsync();
        await using var db = Portal.OpenDb();
        var kept = await db.Judges.SingleAsync(Ct);
        Assert.DoesNotContain(Canary, kept.Secret, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, JsonSerializer.Serialize(await Judges.GetAsync(Lead, Project, judge, Ct)), StringComparison.Ordinal);
        Assert.DoesNotContain(
            await db.Audit.ToListAsync(Ct),
            entry => (entry.Before + entry.After).Contains(Canary, StringComparison.Ordinal)
        );
        Assert.True((await Judges.GetAsync(Lead, Project, judge, Ct)).HasKey);
    }

    [Fact]
    public async Task Test_SendsTheKeyAndTheSettings_AndTellsWhetherTheReplyIsAVerdict()
    {
        var judge = await AddJudgeAsync();
        Assert.Contains(
            "preferred the right answer",
            await Judges.TestAsync(Engineer, Project, judge, Form() with { Key = null }, Ct),
            StringComparison.Ordinal
        );
        Assert.True(Endpoint.Asked.TryDequeue(out var asked));
        Assert.Equal(("Bearer " + Canary, "Paris."), (asked!.Key, asked.A));
        Assert.Equal(
            ("big-model", 0, 1, 400),
            (
                asked.Body.GetProperty("model").GetString(),
                asked.Body.GetProperty("temperature").GetInt32(),
                asked.Body.GetProperty("seed").GetInt32(),
                asked.Body.GetProperty("max_tokens").GetInt32()
            )
        );
        Assert.Contains("Be *right*.", asked.System, StringComparison.Ordinal);
        Endpoint.Reply = _ => "I prefer the first";
        Assert.Contains(
            "no verdict",
            await Judges.TestAsync(Engineer, Project, judge, Form() with { Key = null }, Ct),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task KeptKey_IsSentToNoOtherAddress()
    {
        var judge = await AddJudgeAsync();
        var elsewhere = Form() with { Key = null, Address = "https://elsewhere.example/v1" };
        await Assert.ThrowsAsync<RuleViolationException>(() => Judges.TestAsync(Engineer, Project, judge, elsewhere, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => Judges.SaveAsync(Engineer, Project, judge, elsewhere, Ct));
        await Judges.SaveAsync(Engineer, Project, judge, elsewhere with { Key = "another" }, Ct);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:password@example.org/v1")]
    [InlineData("example.org")]
    public async Task WhatIsNoAddress_IsRefused(string address) =>
        await Assert.ThrowsAsync<DataProblemException>(() => AddJudgeAsync(Form() with { Address = address }));

    [Fact]
    public async Task Key_IsNotSentInTheClear() =>
        Assert.Contains(
            "https://",
            (
                await Assert.ThrowsAsync<RuleViolationException>(() => AddJudgeAsync(Form() with { Address = "http://example.org/v1" }))
            ).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task EndpointInTheServersOwnNetwork_IsNotReachedUnlessNamed()
    {
        using var client = new EndpointClient(
            Options.Create(new ConnectorOptions()),
            Options.Create(new JudgingOptions { FirstPauseSeconds = 0 })
        );
        var settings = new JudgeSettings(JudgeSource.Endpoint, Endpoint.Address, "m", "r", 100, 1, JudgePrompt.Version);
        var refusal = await Assert.ThrowsAsync<JudgeException>(() => client.AskAsync(settings, null, new JudgePrompt("s", "u"), Ct));
        Assert.Contains("own network", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Endpoint.Asked);
    }

    [Fact]
    public async Task Refusal_RepeatsNothingThatTheEndpointSays()
    {
        using var client = new EndpointClient(
            Options.Create(new ConnectorOptions { AllowedHosts = ["127.0.0.1"] }),
            Options.Create(new JudgingOptions { FirstPauseSeconds = 0, Tries = 1 })
        );
        Endpoint.Status = _ => 400;
        var settings = new JudgeSettings(JudgeSource.Endpoint, Endpoint.Address, "m", "r", 100, 1, JudgePrompt.Version);
        var refusal = await Assert.ThrowsAsync<JudgeException>(() =>
            client.AskAsync(settings, Canary, new JudgePrompt("s", "private text"), Ct)
        );
        Assert.DoesNotContain("private text", refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retired_ForgetsItsKeyAndJudgesNoMore()
    {
        var judge = await AddJudgeAsync();
        await Judges.RetireAsync(Engineer, Project, judge, Ct);
        var view = await Judges.GetAsync(Lead, Project, judge, Ct);
        Assert.True(view is { HasKey: false, RetiredAt: not null });
        await Assert.ThrowsAsync<RuleViolationException>(() => Judges.SaveAsync(Engineer, Project, judge, Form(), Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Works.StartAsync(Engineer, Project, judge, new JudgeWorkRequest(JudgeWorkKind.CalibratePairs, Guid.NewGuid()), Ct)
        );
    }

    [Fact]
    public async Task Rights_OnlyThoseWhoEvaluateChangeJudges()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Judges.SaveAsync(Reviewer, Project, null, Form(), Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Judges.ListAsync(Annotator, Project, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Judges.ListAsync(Stranger, Project, Ct));
        var judge = await AddJudgeAsync();
        await Assert.ThrowsAsync<ForbiddenException>(() => Judges.TestAsync(Reviewer, Project, judge, Form() with { Key = null }, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Judges.RetireAsync(Reviewer, Project, judge, Ct));
        Assert.Single(await Judges.ListAsync(Reviewer, Project, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => AddJudgeAsync()); // the same name again
    }

    [Fact]
    public async Task LocalModelThatIsNotThere_IsRefused() =>
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            AddJudgeAsync(new JudgeForm(JudgeSource.Local, "Local", "", "no-such-model", "Be right."))
        );

    [Fact]
    public void Settings_EachChangeIsAnotherJudge()
    {
        var settings = new JudgeSettings(JudgeSource.Endpoint, "a", "m", "r", 100, 1, 1);
        JudgeSettings[] others =
        [
            settings with
            {
                Address = "b",
            },
            settings with
            {
                Model = "n",
            },
            settings with
            {
                Rubric = "s",
            },
            settings with
            {
                ReplyTokens = 99,
            },
            settings with
            {
                Seed = 2,
            },
            settings with
            {
                PromptVersion = 2,
            },
        ];
        Assert.DoesNotContain(settings.Sha256(), others.Select(other => other.Sha256()));
        var id = Guid.NewGuid();
        Assert.NotEqual(settings.KeyOf(id, true, "ab", "c"), settings.KeyOf(id, true, "a", "bc"));
        Assert.NotEqual(settings.KeyOf(id, true, "q", "x", "y"), settings.KeyOf(id, true, "q", "y", "x"));
        Assert.NotEqual(settings.KeyOf(id, true, "q"), settings.KeyOf(Guid.NewGuid(), true, "q"));
    }
}
