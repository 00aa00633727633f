using CsCheck;

namespace WebTrainer.Labeling.Tests;

public sealed class AdjudicationTests
{
    [Fact]
    public void MajorityVote_OneLabelLeads_IsIt()
    {
        var verdict = Adjudication.MajorityVote(["b", "a", "b"]);

        Assert.Equal(("b", false), (verdict.Label, verdict.NeedsReviewer));
        Assert.Equal(2.0 / 3, verdict.Support);
        Assert.Equal([new LabelVotes("b", 2), new LabelVotes("a", 1)], verdict.Votes);
    }

    [Fact]
    public void MajorityVote_Tie_NeedsAReviewer()
    {
        var verdict = Adjudication.MajorityVote(["b", "a", "b", "a", "c"]);

        Assert.True(verdict.NeedsReviewer);
        Assert.Equal(0, verdict.Support);
    }

    [Fact]
    public void MajorityVote_NoOrTooFewAnswers_NeedsAReviewer()
    {
        Assert.True(Adjudication.MajorityVote([]).NeedsReviewer);
        Assert.True(Adjudication.MajorityVote(["a"], minimumVotes: 2).NeedsReviewer);
        Assert.False(Adjudication.MajorityVote(["a", "a"], minimumVotes: 2).NeedsReviewer);
    }

    [Fact]
    public void MajorityVote_AnyOrder_IsTheSame() =>
        Gen.Int[0, 3].Select(i => $"label{i}").Array[0, 9].Sample(answers =>
        {
            var there = Adjudication.MajorityVote(answers);
            var back = Adjudication.MajorityVote(answers.Reverse());
            return there.Label == back.Label && there.Votes.SequenceEqual(back.Votes);
        });
}
