using WebTrainer.Learning.Batching;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests;

public sealed class PromptDropoutTests : IDisposable
{
    private const int Control = 999;
    private static readonly TokenRow s_row = new("r", [Control, .. Enumerable.Range(0, 200), Control, 300, 301, Control], AnswerStart: 202);

    private readonly TemporaryFolder _folder = new();
    private TextTokenizer? _tokenizer;

    [Fact]
    public void Apply_LeavesOutTheShare_AndKeepsAnswerAndControlTokens()
    {
        var left = Enumerable.Range(0, 50).Select(index => Half().Apply(s_row, pass: 0, index)).ToList();
        Assert.All(
            left,
            row =>
            {
                Assert.Equal(s_row.Tokens[s_row.AnswerStart..], row.Tokens[row.AnswerStart..]);
                Assert.Equal(3, row.Tokens.Count(token => token == Control));
                Assert.Equal(row.Tokens[1..(row.AnswerStart - 1)].Order(), row.Tokens[1..(row.AnswerStart - 1)]);
            }
        );
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

    /// <summary>The tokenizer of the tests knows English words alone: two and more tokens a letter of any other writing.</summary>
    [Theory]
    [InlineData("کارت من هنوز نرسیده است و نمی‌دانم کجاست", true)]
    [InlineData("Где моя новая карта? Я жду уже неделю.", true)]
    [InlineData("我的新卡还没有到在哪里可以查询", false)]
    [InlineData("บัตรใหม่ของฉันยังมาไม่ถึง", false)]
    [InlineData("내 카드가 아직 도착하지 않았습니다", true)]
    public void Apply_LettersCutIntoBytes_StayWhole(string text, bool byWords)
    {
        var tokenizer = Tokenizer();
        int[] tokens = [.. tokenizer.Encode(text)];
        var dropout = new PromptDropout(0.3, tokenizer.IsSpecial, seed: 3, new DropoutUnits(tokenizer));
        var all = byWords ? text.Split(' ') : [.. text.EnumerateRunes().Select(r => r.ToString())];
        var kept = 0;
        for (var index = 0; index < 200; index++)
        {
            var row = dropout.Apply(new TokenRow("r", [.. tokens, 1, 2], tokens.Length), pass: 0, index);
            var left = tokenizer.Decode(row.Tokens[..row.AnswerStart]);
            Assert.DoesNotContain('\uFFFD', left);
            string[] units = byWords
                ? left.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                : [.. left.EnumerateRunes().Select(r => r.ToString())];
            Assert.All(units, unit => Assert.Contains(unit, all));
            kept += row.AnswerStart;
        }

        Assert.InRange(kept / 200.0 / tokens.Length, 0.6, 0.8);
    }

    /// <summary>What was measured with tokens of whole letters is measured still.</summary>
    [Fact]
    public void Apply_TokensOfWholeLetters_GoOneByOneAsBefore()
    {
        var tokenizer = Tokenizer();
        int[] tokens = [.. tokenizer.Encode("the phone was lost and the card was lost too; refund the exchange rate"), 5, 6];
        var row = new TokenRow("r", tokens, tokens.Length - 2);
        for (var index = 0; index < 50; index++)
        {
            Assert.Equal(
                new PromptDropout(0.3, tokenizer.IsSpecial, seed: 3).Apply(row, 0, index).Tokens,
                new PromptDropout(0.3, tokenizer.IsSpecial, seed: 3, new DropoutUnits(tokenizer)).Apply(row, 0, index).Tokens
            );
        }
    }

    [Fact]
    public void Units_OfAnyText_HoldWholeLetters()
    {
        var tokenizer = Tokenizer();
        CsCheck.Check.Sample(
            CsCheck.Gen.String[CsCheck.Gen.Char["ab é یک\u200C我ไ가\n."], 1, 40],
            text =>
            {
                int[] tokens = [.. tokenizer.Encode(text)];
                var units = new DropoutUnits(tokenizer).Of(tokens);
                return tokens
                    .Index()
                    .GroupBy(t => units[t.Index])
                    .All(unit =>
                        unit.Key == unit.First().Index
                        && !tokenizer.Decode(unit.Select(t => t.Item)).Contains('\uFFFD', StringComparison.Ordinal)
                    );
            }
        );
    }

    public void Dispose() => _folder.Dispose();

    private TextTokenizer Tokenizer()
    {
        if (_tokenizer is not null)
        {
            return _tokenizer;
        }

        TokenizerWriter.Write(TinyModel.Vocabulary(), _folder.Path, contextTokens: 64);
        return _tokenizer = TextTokenizer.Load(_folder.Path);
    }

    private static PromptDropout Half(long seed = 3) => new(0.5, token => token == Control, seed);
}
