using WebTrainer.Protocol;
using WebTrainer.Scoring.Scorers;

namespace WebTrainer.Scoring.Tests;

public sealed class AnswerScorerTests
{
    private const string Schema =
        """{"type":"object","properties":{"total":{"type":"number"}},"required":["total"],"additionalProperties":false}""";

    [Theory]
    [InlineData("The city is PARIS, of course.", "Paris", 1)]
    [InlineData("London", "Paris", 0)]
    public void Contains_IgnoresCase(string answer, string expected, double score) =>
        Assert.Equal(score, Of(new(ScorerKind.Contains)).Score(answer, expected));

    [Theory]
    [InlineData("So it is 1,234.5 EUR.", "1234.5", 0, 1)]
    [InlineData("about 102", "100", 0.02, 1)]
    [InlineData("about 103", "100", 0.02, 0)]
    [InlineData("none", "100", 1, 0)]
    [InlineData("-5", "5", 0, 0)]
    public void Number_TakesTheLastOneWithinItsTolerance(string answer, string expected, double tolerance, double score) =>
        Assert.Equal(score, Of(new(ScorerKind.Number, Tolerance: tolerance)).Score(answer, expected));

    [Theory]
    [InlineData("""{"total": 3}""", 1)]
    [InlineData("```json\n{\"total\": 3}\n```", 1)]
    [InlineData("""{"total": "3"}""", 0)]
    [InlineData("""{"total": 3, "more": 1}""", 0)]
    [InlineData("the total is 3", 0)]
    public void JsonSchema_HoldsOrNot(string answer, double score) =>
        Assert.Equal(score, Of(new(ScorerKind.JsonSchema, Schema: Schema)).Score(answer, ""));

    [Fact]
    public void Pattern_ThatTakesTooLong_IsRefusedByItsTime()
    {
        var scorer = Of(new(ScorerKind.Pattern, "^(a+)+$"));
        Assert.Equal(1, scorer.Score("aaaa", ""));
        Assert.Contains(
            "make it simpler",
            Assert.Throws<ScorerException>(() => scorer.Score(new string('a', 40) + "!", "")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Embedding_RanksTheSameInOtherWordsAboveAnotherSubject()
    {
        string[] all = ["A man is playing a guitar.", "The stock market fell sharply today.", "Two dogs run across the field."];
        var scorer = AnswerScorer.Of(new(ScorerKind.Embedding), all);
        Assert.Equal(1, scorer.Score(all[0], all[0]), 0.02);
        Assert.True(scorer.Score("A person plays the guitar.", all[0]) > scorer.Score("Share prices dropped.", all[0]) + 0.3);
        Assert.Equal(0, scorer.Score("…", all[0]));
    }

    [Fact]
    public void LabelTable_PrecisionRecallMacroF1AndConfusions()
    {
        (string, string)[] rows = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")];
        var table = new LabelTable(rows);
        Assert.Equal((2.0 / 3, 2.0 / 3), (table.Labels[0].Precision, table.Labels[0].Recall));
        Assert.Equal((2.0 / 3 + 2.0 / 3 + 0) / 3, table.MacroF1, 1e-12);
        Assert.Equal([("a", "b", 1L), ("c", "a", 1L)], table.Confusions);
        Assert.InRange(table.MacroF1, table.MacroF1Interval.Low, table.MacroF1Interval.High);
    }

    [Fact]
    public void Together_BleuAndTerOfAll_AreThoseOfTheCorpus_WithAnInterval()
    {
        (string, string)[] pairs =
        [
            .. Enumerable
                .Range(0, 30)
                .Select(i =>
                    (
                        $"the cat number {i} sat on a mat near the door",
                        i % 3 == 0 ? $"the cat number {i} sat on a mat near the door" : $"the dog number {i} sat on the mat by that door"
                    )
                ),
        ];
        var bleu = CorpusScorer.Of(ScorerKind.Bleu, pairs)!;
        Assert.Equal(Bleu.Corpus(pairs), bleu.Value, 1e-12);
        Assert.True(bleu.Low < bleu.Value && bleu.Value < bleu.High);
        var ter = CorpusScorer.Of(ScorerKind.Ter, pairs)!;
        Assert.Equal(TranslationEditRate.Score(pairs), ter.Value, 1e-12);
        Assert.True(ter.Low < ter.Value && ter.Value < ter.High);
        Assert.Null(CorpusScorer.Of(ScorerKind.Contains, pairs));
        Assert.Equal(
            ["ROUGE-1, stems", "ROUGE-2, stems", "ROUGE-L, stems"],
            AnswerScorer.AllOf(new(ScorerKind.RougeStemmed), []).Select(scorer => scorer.Name)
        );
        // cat and sit are common to both
        Assert.Equal(1, AnswerScorer.AllOf(new(ScorerKind.RougeStemmed), [])[0].Score("cats sitting", "the cat sits").CompareTo(0.7));
        Assert.Empty(AnswerScorer.AllOf(new(ScorerKind.Ter), []));
    }

    private static AnswerScorer Of(ScorerSpec spec) => AnswerScorer.Of(spec, []);
}
