using System.Globalization;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class WordSelectionTests
{
    [Theory]
    [InlineData("او گفت کِتاب را بخوان", "او", "گفت", "کِتاب", "را", "بخوان")] // a vowel sign within the word
    [InlineData("هُوَ اللّٰهُ الَّذِي", "هُوَ", "اللّٰهُ", "الَّذِي")]
    [InlineData("می\u200cشود؟ نمی\u200cدانم", "می\u200cشود", "نمی\u200cدانم")]
    [InlineData("בְּרֵאשִׁית בָּרָא אֱלֹהִים", "בְּרֵאשִׁית", "בָּרָא", "אֱלֹהִים")]
    [InlineData("צה\u05f4ל בית\u05beספר", "צה\u05f4ל", "בית\u05beספר")]
    [InlineData("cafe\u0301, nai\u0308ve!", "cafe\u0301", "nai\u0308ve")]
    [InlineData("हिन्दी में", "हिन्दी", "में")]
    [InlineData("it's well-known - yes", "it's", "well-known", "yes")]
    [InlineData("see 👩\u200d👩\u200d👧 here", "see", "👩\u200d👩\u200d👧", "here")]
    [InlineData("我爱 tea", "我", "爱", "tea")]
    [InlineData("no_way 3,5", "no_way", "3", "5")]
    public void NextWord_AnyScript_TakesWholeWords(string text, params string[] words)
    {
        var (found, at) = (new List<string>(), ((int Start, int End)?)null);
        while (found.Count <= words.Length && WordSelection.Move(text, at, "next-word") is { } next && next != at)
        {
            found.Add(text[next.Start..next.End]);
            at = next;
        }

        Assert.Equal(words, found);
    }

    [Theory]
    [InlineData("کِتاب را", 1, 2, 0, 2)] // the mouse took the vowel sign alone
    [InlineData("ab", 0, 1, 0, 1)]
    [InlineData("👩\u200d👧 x", 1, 3, 0, 5)]
    [InlineData("ab", -3, 99, 0, 2)]
    public void Snap_WithinACharacter_IsWidenedToIt(string text, int start, int end, int from, int to) =>
        Assert.Equal((from, to), WordSelection.Snap(text, start, end));

    [Fact]
    public void Move_AnyTextAndKeys_NeverCutsACharacter()
    {
        var random = new Random(7);
        string[] pieces = ["کِ", "تا", "ب", " ", "\u200c", "e\u0301", "-", "'", "בָּ", "👩\u200d👧", "\ud83d", "x", "。", "字", "\n"];
        for (var round = 0; round < 300; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            var edges = StringInfo.ParseCombiningCharacters(text).Append(text.Length).ToHashSet();
            (int Start, int End)? at = null;
            for (var key = 0; key < 12; key++)
            {
                at = WordSelection.Move(text, at, new[] { "next-word", "previous-word", "longer", "shorter" }[random.Next(4)]);
                if (at is not { } selected)
                {
                    break;
                }

                Assert.True(
                    edges.Contains(selected.Start) && edges.Contains(selected.End) && selected.Start < selected.End,
                    $"{selected} of '{text}'"
                );
            }
        }
    }
}
