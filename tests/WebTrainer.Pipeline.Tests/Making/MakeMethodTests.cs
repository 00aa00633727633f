using WebTrainer.Pipeline.Making;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Tests.Making;

public sealed class MakeMethodTests
{
    [Theory]
    [InlineData("He said that she left.", "She said that he left.")]
    [InlineData("HE the theatre shelter", "SHE the theatre shelter")]
    [InlineData("Ask his or her doctor; his-and-hers", "Ask her or his doctor; her-and-hers")]
    [InlineData("nothing here", "nothing here")]
    public void Swap_WholeWordsBothWays_KeepsTheirCase(string text, string expected) =>
        Assert.Equal(expected, new WordSwaps([new("he", "she"), new("his", "her")]).In(text));

    [Fact]
    public void Swap_PersianWords_AreWholeWordsToo() =>
        Assert.Equal("این زن آمد، مردانه نبود", new WordSwaps([new("مرد", "زن")]).In("این مرد آمد، مردانه نبود"));

    [Fact]
    public void Swap_Twice_GivesTheTextAgain_WhateverStandsInIt()
    {
        var swaps = new WordSwaps([new("he", "she"), new("father", "mother")]);
        var random = SplitMix.Of(1, 1);
        string[] words = ["he", "She", "FATHER", "mother.", "x", "!", "then", "(he)"];
        for (var round = 0; round < 200; round++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 12).Select(_ => words[random.Below(words.Length)]));
            Assert.Equal(text, swaps.In(swaps.In(text)));
        }
    }

    [Fact]
    public void TypingErrors_ChangeLongWordsAlone_ByOneLetterEach_AndKeepSpacesSignsAndNumbers()
    {
        const string Text = "Why  was my card DE89370400440532013000 declined at the cash-point\n(twice), please?";
        for (var seed = 0; seed < 200; seed++)
        {
            var random = SplitMix.Of(seed, 1);
            var typed = TypingErrors.In(Text, 1, ref random);
            Assert.StartsWith("Why  was my c", typed, StringComparison.Ordinal);
            Assert.Contains(" DE89370400440532013000 d", typed, StringComparison.Ordinal);
            Assert.Contains(" at the cash-point\n(twice), p", typed, StringComparison.Ordinal);
            Assert.EndsWith("?", typed, StringComparison.Ordinal);
            var words = Text.Split(' ').Zip(typed.Split(' ')).Where(pair => pair.First != pair.Second).ToList();
            Assert.Equal(["card", "declined", "please?"], words.Select(pair => pair.First));
            Assert.All(words, pair => Assert.InRange(pair.Second.Length - pair.First.Length, -1, 1));
        }
    }

    [Fact]
    public void Fill_AllCombinationsOfAllTemplates_EachOnce()
    {
        var recipe = new MakeRecipe
        {
            Method = MakeMethod.Templates,
            Templates = [new("{a} {b}", "x"), new("only {a}", "y"), new("none", "z", "{b}")],
            Slots = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["1", "2", "3"], ["b"] = ["p", "q"] },
        };
        var filled = SlotFilling.Fill(recipe, 100).ToList();
        Assert.Equal(
            ["1 p", "1 q", "2 p", "2 q", "3 p", "3 q", "none", "none", "only 1", "only 2", "only 3"],
            filled.Select(f => f.Prompt).Order(StringComparer.Ordinal)
        );
        Assert.Equal(["p", "q"], filled.Where(f => f.Prompt == "none").Select(f => f.Response).Order(StringComparer.Ordinal));
        Assert.Equal(4, SlotFilling.Fill(recipe, 4).Count());
    }

    [Theory]
    [InlineData(MakeMethod.TypingErrors, 0.0, "share")]
    [InlineData(MakeMethod.TypingErrors, 1.5, "share")]
    [InlineData(MakeMethod.TypingErrors, double.NaN, "share")]
    [InlineData(MakeMethod.SwappedWords, 0.5, "pairs")]
    [InlineData(MakeMethod.Templates, 0.5, "templates")]
    public void Recipe_ThatMakesNothing_IsRefusedByItsField(MakeMethod method, double share, string field) =>
        Assert.Contains($"({field})", new MakeRecipe { Method = method, Share = share }.WhyNot(), StringComparison.Ordinal);

    [Fact]
    public void Recipe_WithAnEmptySlot_OrAWordInTwoPairs_IsRefusedByName()
    {
        var template = new MakeRecipe { Method = MakeMethod.Templates, Templates = [new("Where is {thing}?", "a")] };
        Assert.Contains("{thing}", template.WhyNot(), StringComparison.Ordinal);
        var tooLong = template with
        {
            Slots = new Dictionary<string, IReadOnlyList<string>> { ["thing"] = [new('a', MakeRecipe.MaxTextLength + 1)] },
        };
        Assert.Contains("{thing}", tooLong.WhyNot(), StringComparison.Ordinal);
        var pairs = new MakeRecipe { Method = MakeMethod.SwappedWords, Pairs = [new("he", "she"), new("He", "they")] };
        Assert.Contains("'he'", pairs.WhyNot(), StringComparison.Ordinal);
    }
}
