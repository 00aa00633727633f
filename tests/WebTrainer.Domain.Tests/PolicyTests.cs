using WebTrainer.Domain.Policies;

namespace WebTrainer.Domain.Tests;

/// <summary>What a policy lets pass, and what it says where it doesn't.</summary>
public sealed class PolicyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PolicyFacts s_facts = new(
        "tickets v2",
        [new("tickets.csv", "CC-BY-4.0", s_now.AddDays(-10))],
        PersonalRows: 0,
        LeakRows: 0,
        LeaksAnswered: false,
        [new("Which intent?", 0.81)],
        new PolicyPrivacy(2, 0.5, [])
    );

    private static readonly ProjectPolicy s_all = new()
    {
        Licenses = ["cc-by-4.0"],
        NoPersonalData = true,
        LeaksAnswered = true,
        Agreement = 0.8,
        Epsilon = 3,
        RetentionDays = 30,
    };

    private static IReadOnlyList<string> Refusals(ProjectPolicy policy, PolicyFacts? facts, PolicyAct act = PolicyAct.Run) =>
        [.. PolicyRules.Judge(policy, act, facts, "run 3", s_now).Where(f => !f.IsMet).Select(f => f.Sentence)];

    [Fact]
    public void Judge_FactsThatMeetAllRules_FindsNothing_AndSaysWhatMetEach()
    {
        Assert.Empty(Refusals(s_all, s_facts));
        Assert.Equal(6, PolicyRules.Judge(s_all, PolicyAct.Run, s_facts, "run 3", s_now).Count);
        Assert.Empty(PolicyRules.Judge(ProjectPolicy.None, PolicyAct.Run, null, "run 3", s_now));
    }

    [Theory]
    [InlineData(null, "Nobody has looked for personal data in tickets v2")]
    [InlineData(1L, "1 row of tickets v2 holds personal data")]
    [InlineData(1200L, "1,200 rows of tickets v2 hold personal data")]
    public void Judge_PersonalData_IsFoundOrNotLookedFor_SaysToCleanIt(long? rows, string sentence)
    {
        var refusal = Assert.Single(Refusals(s_all, s_facts with { PersonalRows = rows }));
        Assert.StartsWith(sentence, refusal, StringComparison.Ordinal);
        Assert.Contains("Clean it", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Nobody has noted the licence of tickets.csv")]
    [InlineData("CC-BY-NC-4.0", "not that of tickets.csv (CC-BY-NC-4.0)")]
    public void Judge_LicenceThatIsNotAllowed_NamesTheFile(string license, string sentence) =>
        Assert.Contains(
            sentence,
            Assert.Single(Refusals(s_all, s_facts with { Sources = [new("tickets.csv", license, s_now)] })),
            StringComparison.Ordinal
        );

    [Fact]
    public void Judge_Leaks_AreCountedAndAnswered_Or_Refused()
    {
        Assert.Contains("Nobody has counted", Assert.Single(Refusals(s_all, s_facts with { LeakRows = null })), StringComparison.Ordinal);
        Assert.Contains("5 rows", Assert.Single(Refusals(s_all, s_facts with { LeakRows = 5 })), StringComparison.Ordinal);
        Assert.Empty(Refusals(s_all, s_facts with { LeakRows = 5, LeaksAnswered = true }));
    }

    [Fact]
    public void Judge_Agreement_BelowOrUnknown_NamesTheQuestion()
    {
        Assert.Contains(
            "“Which intent?” it is 0.7",
            Assert.Single(Refusals(s_all, s_facts with { Agreement = [new("Which intent?", 0.7), new("Spam?", 0.9)] })),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "undefined",
            Assert.Single(Refusals(s_all, s_facts with { Agreement = [new("Which intent?", null)] })),
            StringComparison.Ordinal
        );
        Assert.Contains("came with its files", Assert.Single(Refusals(s_all, s_facts with { Agreement = [] })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0, "this has none")]
    [InlineData(4.0, 0, "allows at most 3. Set a smaller one")]
    [InlineData(2.0, 1.5, "other runs on tickets v2 take 1.5")]
    public void Judge_Budget_AddsUpAllRunsOnTheRows(double? asked, double told, string sentence) =>
        Assert.Contains(
            sentence,
            Assert.Single(Refusals(s_all, s_facts with { Privacy = new(asked, told, []) })),
            StringComparison.Ordinal
        );

    [Fact]
    public void Judge_Budget_OfARunWithoutOneOnTheSameRows_IsRefusedByItsNumber() =>
        Assert.Contains(
            "Runs 4 and 7 learned from tickets v2 without a privacy budget",
            Assert.Single(Refusals(s_all, s_facts with { Privacy = new(1, 0, [4, 7]) })),
            StringComparison.Ordinal
        );

    [Fact]
    public void Judge_Retention_RefusesOldFiles_ForRunsAndExports_AndLetsModelsAnswer()
    {
        var old = s_facts with { Sources = [new("tickets.csv", "CC-BY-4.0", s_now.AddDays(-31))] };
        Assert.Contains("tickets.csv (received 2026-01-29) is older", Assert.Single(Refusals(s_all, old)), StringComparison.Ordinal);
        Assert.Single(Refusals(s_all, old, PolicyAct.ExportData));
        Assert.Empty(Refusals(s_all, old, PolicyAct.Deploy));
    }

    [Fact]
    public void Judge_AnAdapterOfUnknownRows_FailsEachRuleOnData() =>
        Assert.All(
            Refusals(s_all, null, PolicyAct.Deploy),
            s => Assert.StartsWith("Nobody here knows what run 3 learned from", s, StringComparison.Ordinal)
        );

    [Fact]
    public void Judge_AttestedNode_IsRefusedByName_WhereSomethingTrainsOrAnswers()
    {
        var policy = new ProjectPolicy { AttestedNode = true };
        Assert.Equal(PolicyRules.NoAttestation, Assert.Single(Refusals(policy, s_facts)));
        Assert.Equal(PolicyRules.NoAttestation, Assert.Single(PolicyRules.JudgeNode(policy)).Sentence);
        Assert.Empty(Refusals(policy, s_facts, PolicyAct.Publish));
        Assert.Empty(PolicyRules.JudgeNode(s_all));
    }

    [Fact]
    public void Judge_ADamagedPolicy_LetsNothingPass() =>
        Assert.All(Enum.GetValues<PolicyAct>(), act => Assert.Single(Refusals(ProjectPolicy.Damaged, s_facts, act)));

    [Fact]
    public void Checked_WhatCantBe_IsRefused_AndLicencesAreKeptOnce()
    {
        Assert.Throws<RuleViolationException>(() => new ProjectPolicy { Agreement = 1.2 }.Checked());
        Assert.Throws<RuleViolationException>(() => new ProjectPolicy { Agreement = double.NaN }.Checked());
        Assert.Throws<RuleViolationException>(() => new ProjectPolicy { Epsilon = 0 }.Checked());
        Assert.Throws<RuleViolationException>(() => new ProjectPolicy { RetentionDays = 0 }.Checked());
        Assert.Equal(
            ["MIT"],
            new ProjectPolicy { Licenses = [" MIT ", "mit", ""] }
                .Checked()
                .Licenses
        );
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData(1.0, true, false)]
    [InlineData(2.0, false, false)]
    [InlineData(10.0, false, false)]
    [InlineData(10.5, false, true)]
    public void Approvers_GoByCost_AndWhatIsNotKnownMayBeMore(double? cost, bool passes, bool two)
    {
        var policy = new ProjectPolicy { SelfApprovedBelow = 2, TwoApproversAbove = 10 }.Checked();
        Assert.Equal((passes, two), (policy.LetsPass(cost), policy.AsksForTwo(cost)));
        Assert.Equal((false, true), (ProjectPolicy.Damaged.LetsPass(cost), ProjectPolicy.Damaged.AsksForTwo(cost)));
        Assert.Equal((false, false), (ProjectPolicy.None.LetsPass(cost), ProjectPolicy.None.AsksForTwo(cost)));
    }
}
