using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

public sealed class LeakTests
{
    [Fact]
    public void Decontaminator_CutsAsTheHarnessDoes()
    {
        foreach (var gold in Gold.Cases("contamination_ngram"))
        {
            var cutter = new Decontaminator(
                gold.GetProperty("n").GetInt32(), gold.GetProperty("window").GetInt32(),
                gold.GetProperty("too_dirty").GetInt32(), gold.GetProperty("min_slice").GetInt32());
            foreach (var contaminant in gold.Texts("contaminants")) cutter.Register(contaminant);
            Assert.Equal(gold.GetProperty("overlapping_ngrams").GetInt32(), cutter.Overlaps(gold.Text("doc")));
            Assert.Equal(gold.Texts("clean_chunks"), cutter.Clean(gold.Text("doc")));
        }
    }

    [Fact]
    public void Index_FindsOverlapsWhateverCaseAndSigns_ButNoSetPhrases()
    {
        var index = new OverlapIndex(words: 5);
        index.Add(Row("What is the capital city of France?", "It is Paris, and it has been for long."));
        for (var i = 0; i < 20; i++) index.Add(Row($"Answer the question below in one word. Question {i}", "yes"));

        Assert.True(index.Overlaps(Row("WHAT is the CAPITAL city", "?")));
        Assert.True(index.Overlaps(Row("x", "paris and it has been, they say")));
        Assert.True(index.Overlaps(Row("what is the capital city of france", "")));
        Assert.False(index.Overlaps(Row("Answer the question below in one word. Another", "yes")));
        Assert.False(index.Overlaps(Row("What is the capital of France?", "yes")));
    }

    private static CanonicalRow Row(string prompt, string response) => CanonicalRow.Create("1", 1, null, prompt, response);
}
