using System.Diagnostics;
using System.Text.RegularExpressions;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing.Tests;

/// <summary>Patterns of others' files: matched as ever, and in bounded time.</summary>
public sealed class SplitPatternTests
{
    private static readonly string[] s_parts =
    [
        "  ",
        " ",
        "\n",
        "\r\n",
        "\t",
        "\u00A0",
        "\u2003",
        "\u3000",
        "word",
        "Ünïcode",
        "été",
        "字",
        "مرحبا",
        "don't",
        "WE'LL",
        "12345",
        "½",
        "...",
        "!?",
        "<|end|>",
        "_",
        "☃",
        "e\u0301",
        "x",
    ];

    [Theory]
    [InlineData(WordPattern.Gpt2)]
    [InlineData(WordPattern.Gpt2Long)]
    [InlineData(WordPattern.Llama3)]
    [InlineData(WordPattern.Qwen2)]
    [InlineData(WordPattern.O200k)]
    [InlineData(WordPattern.DeepSeek)]
    [InlineData("(?:)" + WordPattern.O200k)]
    [InlineData("(?:)" + WordPattern.Gpt2)] // not known as linear: the look ahead is done by hand
    [InlineData("x{0}" + WordPattern.Llama3)]
    [InlineData(@"\s*[\r\n]+|  +|\s+(?!\S)|\s+")] // matches of white space before the tail
    [InlineData(@"\p{L}+|\s+(?!\S)|\s+")] // leaves something between
    public void WellKnownPatterns_CutAsTheEngineThatGoesBack(string pattern)
    {
        var (ours, theirs, random) = (
            new SplitPattern(pattern),
            new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)),
            new Random(7)
        );
        for (var i = 0; i < 3000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => s_parts[random.Next(s_parts.Length)]));
            Assert.Equal(theirs.Matches(text).Select(match => (match.Index, match.Length)), ours.Matches(text));
        }
    }

    [Theory]
    [InlineData(@"\p{L}+", "a𝐀b", 0, 4)]
    [InlineData(@"\p{Lo}", "x𠮷野", 1, 2)]
    [InlineData(@"\p{N}{1,3}", "𝟙𝟚𝟛𝟜", 0, 6)]
    [InlineData(@"[^\s\p{L}\p{N}]+", "a🙂👍b", 1, 4)]
    public void CharactersBeyondTheBasicPlane_AreWhatTheyAre(string pattern, string text, int index, int length) =>
        Assert.Equal((index, length), new SplitPattern(pattern).Matches(text)[0]);

    [Theory]
    [InlineData(@"(?<=a)b")]
    [InlineData(@"a(?!b)c")]
    [InlineData(@"(a)\1")]
    [InlineData(@"(?>a+)b")]
    public void PatternThatLooksAroundOrBack_IsRefusedWithASentence(string pattern) =>
        Assert.Contains(
            "bounded time",
            Assert.Throws<ModelFileException>(() => new SplitPattern(pattern)).Message,
            StringComparison.Ordinal
        );

    /// <summary>Each match looks through all of the text that is left.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void PatternThatLooksThroughTheWholeTextForEachSign_IsGivenUp()
    {
        var watch = Stopwatch.StartNew();
        Assert.Throws<RegexMatchTimeoutException>(() => new SplitPattern("a*b|a").Matches(new string('a', 200_000)));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("(a+)+c")]
    [InlineData("(a|a)*c")]
    public void PatternThatWouldGoBackWithoutEnd_TakesNoTime(string pattern)
    {
        var watch = Stopwatch.StartNew();
        Assert.Empty(new SplitPattern(pattern).Matches(new string('a', 5_000)));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("x*", "axxb", new[] { "a", "xx", "b" })]
    [InlineData("[0-9]+", "ab12cd", new[] { "ab", "12", "cd" })]
    public void Parts_LeaveNothingOut_AndAreNeverEmpty(string pattern, string text, string[] parts) =>
        Assert.Equal(parts, new SplitPattern(pattern).Parts(text).Select(part => text.Substring(part.Index, part.Length)));

    [Fact]
    public void Replace_PutsTheContentInPlaceOfEachMatch() => Assert.Equal("a-b-", new SplitPattern(" +").Replace("a  b ", "-"));

    /// <summary>The budget must not refuse an honest pattern on a busy machine.</summary>
    [Theory]
    [InlineData(WordPattern.Gpt2)]
    [InlineData("(?:)" + WordPattern.O200k)]
    public void UsualText_TakesASmallPartOfItsBudget(string pattern)
    {
        var text = string.Concat(Enumerable.Repeat("The quick brown fox's 12 lazy dogs, and  more.\n", 20_000));
        var cut = new SplitPattern(pattern);
        cut.Matches(text[..1000]);
        var watch = Stopwatch.StartNew();
        cut.Matches(text);
        TestContext.Current.SendDiagnosticMessage($"{text.Length / 1e6:0.00} MB: {watch.Elapsed.TotalMilliseconds:0} ms.");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    /// <summary>What an engine that goes back does on the text that it would be slowest on.</summary>
    [Theory]
    [InlineData(WordPattern.Gpt2)]
    [InlineData(WordPattern.Gpt2Long)]
    [InlineData(WordPattern.Llama3)]
    [InlineData(WordPattern.Qwen2)]
    [InlineData(WordPattern.O200k)]
    [InlineData(WordPattern.DeepSeek)]
    public void KnownPatterns_AreLinear_OnLongRuns(string pattern)
    {
        Assert.Contains(pattern, WordPattern.KnownToBeLinear);
        foreach (var sign in (string[])[" ", "\n", "a", "1", "!", "'", "\u00A0", " a", "'s", " \n", "!\n", "'l"])
        {
            var watch = Stopwatch.StartNew();
            new SplitPattern(pattern).Matches(string.Concat(Enumerable.Repeat(sign, 300_000)) + "x");
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
    }
}
