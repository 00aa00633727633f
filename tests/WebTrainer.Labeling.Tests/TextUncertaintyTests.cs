namespace WebTrainer.Labeling.Tests;

public sealed class TextUncertaintyTests
{
    private static readonly TextUncertainty s_model = new([
        ("my card is lost", "card"),
        ("card stolen", "card"),
        ("give me a refund", "refund"),
        ("refund please", "refund"),
    ]);

    [Fact]
    public void Of_WordsOfOneLabel_IsSurerThanWordsOfBoth()
    {
        Assert.True(s_model.Of("lost card") < s_model.Of("card refund"));
        Assert.True(s_model.Of("lost card") < s_model.Of("hello there"));
    }

    [Fact]
    public void Of_NothingKnown_IsOne() => Assert.Equal(1, new TextUncertainty([]).Of("anything"));
}
