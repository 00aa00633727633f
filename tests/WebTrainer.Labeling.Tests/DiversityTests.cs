namespace WebTrainer.Labeling.Tests;

public sealed class DiversityTests
{
    private static readonly string[] s_texts =
    [
        "my card is lost",
        "my card is lost!",
        "the card, my card is lost",
        "weather in Lisbon tomorrow",
        "weather in Lisbon today",
    ];

    [Fact]
    public void Ranks_TakeAnotherKindBeforeTheSameAgain()
    {
        var ranks = Diversity.Ranks(s_texts, seed: 3);

        var firstTwo = ranks
            .Index()
            .Where(ranked => ranked.Item < 2)
            .Select(ranked => s_texts[ranked.Index].Contains("card", StringComparison.Ordinal));
        Assert.Equal([false, true], firstTwo.Order());
        Assert.Equal(Enumerable.Range(0, s_texts.Length), ranks.Order());
    }

    [Fact]
    public void Ranks_SameSeed_AreTheSame_AndOfNothingAreNone()
    {
        Assert.Equal(Diversity.Ranks(s_texts, 1), Diversity.Ranks(s_texts, 1));
        Assert.Empty(Diversity.Ranks([], 1));
    }
}
