namespace WebTrainer.Labeling.Tests;

/// <summary>How alike two people are who marked or ranked the same: by hand, and by what must hold of any two.</summary>
public sealed class PairsOfPeopleTests
{
    [Fact]
    public void SpanF1_CountsMarksThatAreEqualInPlaceAndLabel()
    {
        Mark[] one = [new(0, 4, "name"), new(8, 12, "place"), new(20, 22, "date")];
        Mark[] other = [new(0, 4, "name"), new(8, 12, "name"), new(19, 22, "date"), new(30, 33, "place")];
        Assert.Equal(2.0 / 7, SpanF1.Compute(one, other), 12);
        Assert.Equal(SpanF1.Compute(one, other), SpanF1.Compute(other, one), 12);
        Assert.Equal(1, SpanF1.Compute(one, [.. one.Reverse()]));
    }

    [Fact]
    public void SpanF1_NothingMarkedByEither_IsTheSame()
    {
        Assert.Equal(1, SpanF1.Compute([], []));
        Assert.Equal(0, SpanF1.Compute([new(0, 1, "a")], []));
    }

    [Theory]
    [InlineData("abcd", 1)]
    [InlineData("dcba", 0)]
    [InlineData("bacd", 5.0 / 6)] // one of six pairs is turned
    [InlineData("dabc", 0.5)]
    public void Concordance_IsTheShareOfPairsInTheSameOrder(string other, double expected) =>
        Assert.Equal(expected, Concordance.Compute(["a", "b", "c", "d"], [.. other.Select(c => c.ToString())]), 12);

    [Fact]
    public void Concordance_OneThing_IsTheSameOrder() => Assert.Equal(1, Concordance.Compute(["a"], ["a"]));

    [Theory]
    [InlineData("ab", "abc")]
    [InlineData("abc", "abd")]
    public void Concordance_OfDifferentThings_IsRefused(string one, string other) =>
        Assert.Throws<ArgumentException>(() =>
            Concordance.Compute([.. one.Select(c => c.ToString())], [.. other.Select(c => c.ToString())])
        );
}
