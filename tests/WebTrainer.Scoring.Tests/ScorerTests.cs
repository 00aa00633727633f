using System.Text.Json;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Scoring.Tests;

public sealed class ScorerTests
{
    /// <summary>Against Google's rouge_score and the values of ROUGE-1.5.5 in its tests.</summary>
    [Fact]
    public void Rouge_Gold_IsEqual()
    {
        using var gold = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "rouge.json")));
        var compared = 0;
        foreach (var entry in gold.RootElement.GetProperty("cases").EnumerateArray())
        {
            var (target, prediction) = (entry.GetProperty("target").GetString()!, entry.GetProperty("prediction").GetString()!);
            foreach (var expected in entry.GetProperty("expected").EnumerateObject())
            {
                RougeScore? score = expected.Name switch
                {
                    "rouge1" => Rouge.N(prediction, target, 1),
                    "rouge2" => Rouge.N(prediction, target, 2),
                    "rougeL" => Rouge.L(prediction, target),
                    _ => null, // stemmed and by sentence: not offered
                };
                if (score is null)
                {
                    continue;
                }

                compared++;
                Assert.Equal(expected.Value.GetProperty("precision").GetDouble(), score.Precision, 1e-5);
                Assert.Equal(expected.Value.GetProperty("recall").GetDouble(), score.Recall, 1e-5);
                Assert.Equal(expected.Value.GetProperty("f").GetDouble(), score.F, 1e-5);
            }
        }

        Assert.True(compared >= 4);
    }

    /// <summary>Against sacrebleu.</summary>
    [Fact]
    public void ChrF_Gold_IsEqual()
    {
        using var gold = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "bleu_chrf_ter.json")));
        foreach (var entry in gold.RootElement.GetProperty("cases").EnumerateArray())
        {
            var pairs = Texts(entry, "hyp").Zip(Texts(entry, "ref"));
            Assert.Equal(entry.GetProperty("chrf2").GetDouble(), 100 * ChrF.Score(pairs), 1e-6);
        }
    }

    [Theory]
    [InlineData("The cat sat.", "the Cat sat", 1)]
    [InlineData("", "", 1)]
    [InlineData("", "cat", 0)]
    [InlineData("a dog", "cat", 0)]
    [InlineData("cat cat", "cat", 2.0 / 3)]
    [InlineData("سلام دنیا", "سلام جهان", 0.5)]
    public void TokenF1_KnownTexts(string answer, string expected, double score) =>
        Assert.Equal(score, TokenF1.Score(answer, expected), 1e-12);

    [Theory]
    [InlineData("Yes.", "yes", true)]
    [InlineData("an apple", "the  Apple!", true)]
    [InlineData("apple", "apples", false)]
    public void NormalisedMatch_KnownTexts(string answer, string expected, bool equal) =>
        Assert.Equal(equal, TokenF1.IsNormalisedMatch(answer, expected));

    [Fact]
    public void Scores_OfPersianText_AreNotZero()
    {
        Assert.Equal(1, Rouge.L("کتاب را خواندم", "کتاب را خواندم").F);
        Assert.Equal(1, ChrF.Score("کتاب را خواندم", "کتاب را خواندم"), 1e-12);
        Assert.Equal(0, ChrF.Score("", "کتاب"));
    }

    private static IEnumerable<string> Texts(JsonElement entry, string name) =>
        entry.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
