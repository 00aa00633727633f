using WebTrainer.Scoring.Baselines;

namespace WebTrainer.Scoring.Tests;

public sealed class BaselineTests
{
    private static readonly BaselineRow[] s_train =
    [
        .. Enumerable.Range(0, 20).Select(i => new BaselineRow($"My card number {i} has not arrived by mail", "arrival")),
        .. Enumerable.Range(0, 10).Select(i => new BaselineRow($"What is the exchange rate for {i} euros", "rate")),
    ];

    private static readonly string[] s_prompts = ["When does my card arrive in the mail?", "exchange rates of euros?"];

    [Fact]
    public void Majority_AnswersWithTheMostFrequent() =>
        Assert.Equal(["arrival", "arrival"], new MajorityBaseline().Answer(s_train, s_prompts, TestContext.Current.CancellationToken));

    [Fact]
    public void Linear_LearnsTheLabels_AndGivesTheSameAnswersAgain()
    {
        var answers = new LinearBaseline().Answer(s_train, s_prompts, TestContext.Current.CancellationToken);
        Assert.Equal(["arrival", "rate"], answers);
        Assert.Equal(answers, new LinearBaseline().Answer(s_train, s_prompts, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Linear_OneLabel_IsThatLabel() =>
        Assert.Equal(["arrival", "arrival"], new LinearBaseline().Answer(s_train[..5], s_prompts, TestContext.Current.CancellationToken));

    [Fact]
    public void NearestAnswer_TakesTheMostAlikeRow_AndSomeRowForForeignWords()
    {
        BaselineRow[] train = [new("What causes a fever?", "An infection."), new("How is a broken leg treated?", "With a cast.")];
        Assert.Equal(
            ["With a cast.", "An infection.", "An infection."],
            new NearestAnswerBaseline().Answer(
                train,
                ["treat a broken leg", "causes of fever", "آیا"],
                TestContext.Current.CancellationToken
            )
        );
    }
}
