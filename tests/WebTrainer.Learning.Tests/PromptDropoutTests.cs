using WebTrainer.Learning.Batching;

namespace WebTrainer.Learning.Tests;

public sealed class PromptDropoutTests
{
    private const int Control = 999;
    private static readonly TokenRow s_row = new("r", [Control, .. Enumerable.Range(0, 200), Control, 300, 301, Control], AnswerStart: 202);

    [Fact]
    public void Apply_LeavesOutTheShare_AndKeepsAnswerAndControlTokens()
    {
        var left = Enumerable.Range(0, 50).Select(index => Half().Apply(s_row, pass: 0, index)).ToList();
        Assert.All(left, row =>
        {
            Assert.Equal(s_row.Tokens[s_row.AnswerStart..], row.Tokens[row.AnswerStart..]);
            Assert.Equal(3, row.Tokens.Count(token => token == Control));
            Assert.Equal(row.Tokens[1..(row.AnswerStart - 1)].Order(), row.Tokens[1..(row.AnswerStart - 1)]);
        });
        Assert.InRange(left.Average(row => row.AnswerStart - 2), 92, 108); // of 200
    }

    [Fact]
    public void Apply_DependsOnSeedPassAndRow_AndOnNothingElse()
    {
        Assert.Equal(Half().Apply(s_row, 1, 7).Tokens, Half().Apply(s_row, 1, 7).Tokens);
        Assert.NotEqual(Half().Apply(s_row, 1, 7).Tokens, Half().Apply(s_row, 2, 7).Tokens);
        Assert.NotEqual(Half().Apply(s_row, 1, 7).Tokens, Half().Apply(s_row, 1, 8).Tokens);
        Assert.NotEqual(Half().Apply(s_row, 1, 7).Tokens, Half(seed: 4).Apply(s_row, 1, 7).Tokens);
    }

    [Fact]
    public void Apply_NoShare_IsTheRowItself() =>
        Assert.Same(s_row, new PromptDropout(0, token => token == Control, seed: 3).Apply(s_row, 0, 0));

    private static PromptDropout Half(long seed = 3) => new(0.5, token => token == Control, seed);
}
