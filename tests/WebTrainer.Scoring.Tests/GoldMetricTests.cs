using System.Text.Json;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Scorers;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Tests;

/// <summary>Against lm-evaluation-harness, openai/human-eval, sacrebleu, ROUGE-1.5.5, scipy and scikit-learn.</summary>
public sealed class GoldMetricTests
{
    [Fact]
    public void MultipleChoice_Gold_IsEqual()
    {
        var gold = Gold.Case("lm_eval_metrics.json", "multiple_choice");
        var right = gold.Numbers("gold");
        var scores = gold.GetProperty("loglikelihood")
            .EnumerateArray()
            .Zip(
                gold.GetProperty("choice_chars").EnumerateArray(),
                (likelihoods, lengths) =>
                    (
                        Likelihoods: likelihoods.EnumerateArray().Select(value => value.GetDouble()).ToArray(),
                        Choices: lengths.EnumerateArray().Select(length => new string('x', length.GetInt32())).ToArray()
                    )
            )
            .Select((entry, i) => MultipleChoice.Score(entry.Likelihoods, entry.Choices, (int)right[i]))
            .ToList();
        double[] accuracies = [.. scores.Select(score => score[MultipleChoice.Accuracy])];
        Assert.Equal(gold.Number("acc"), accuracies.Average(), 1e-9);
        Assert.Equal(gold.Number("acc_norm"), scores.Average(score => score[MultipleChoice.NormalisedAccuracy]), 1e-9);
        Assert.Equal(gold.Number("acc_stderr"), StandardError.OfMean(accuracies), 1e-9);
    }

    [Fact]
    public void Perplexity_Gold_IsEqual()
    {
        var gold = Gold.Case("lm_eval_metrics.json", "perplexity");
        var likelihoods = gold.Numbers("loglikelihood");
        var byByte = Figure.Perplexity("", likelihoods, gold.Numbers("bytes"));
        Assert.Equal(gold.Number("word_perplexity"), Figure.Perplexity("", likelihoods, gold.Numbers("words")).Value, 1e-9);
        Assert.Equal(gold.Number("byte_perplexity"), byByte.Value, 1e-9);
        Assert.Equal(gold.Number("bits_per_byte"), Math.Log2(byByte.Value), 1e-9);
        Assert.InRange(byByte.Value, byByte.Low, byByte.High);
    }

    [Fact]
    public void PooledStandardError_Gold_IsEqual()
    {
        var gold = Gold.Case("lm_eval_metrics.json", "pooled_stderr");
        Assert.Equal(
            gold.Number("value"),
            StandardError.Pooled(gold.Numbers("stderrs"), [.. gold.Numbers("sizes").Select(size => (long)size)]),
            1e-9
        );
    }

    [Fact]
    public void PassAtK_Gold_IsEqual()
    {
        foreach (var gold in Gold.Cases("pass_at_k.json"))
        {
            var k = gold.GetProperty("k").GetInt32();
            double[] ours = [.. gold.Numbers("n").Zip(gold.Numbers("c"), (n, c) => PassAtK.Of((int)n, (int)c, k))];
            Assert.All(gold.Numbers("per_problem").Zip(ours), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
            Assert.Equal(gold.Number("mean"), ours.Average(), 1e-9);
        }
    }

    [Fact]
    public void Gsm8kExtraction_Gold_IsEqual()
    {
        foreach (var gold in Gold.Cases("gsm8k_extract.json"))
        {
            string Text(string name) => gold.GetProperty(name).GetString()!;
            var (strict, flexible) = (Gsm8k.StrictNumber(Text("text")), Gsm8k.FlexibleNumber(Text("text")));
            Assert.Equal((Text("strict"), Text("flexible")), (strict, flexible));
            Assert.Equal((Text("strict_normalised"), Text("flexible_normalised")), (Gsm8k.Normalise(strict), Gsm8k.Normalise(flexible)));
        }
    }

    [Fact]
    public void BleuAndTer_Gold_AreEqual()
    {
        foreach (var gold in Gold.Cases("bleu_chrf_ter.json"))
        {
            var pairs = gold.Texts("hyp").Zip(gold.Texts("ref")).ToList();
            Assert.Equal(gold.Number("bleu"), 100 * Bleu.Corpus(pairs), 1e-6);
            Assert.Equal(gold.Number("ter"), 100 * TranslationEditRate.Score(pairs), 1e-6);
            Assert.All(
                pairs.Zip(gold.Numbers("sentence_bleu")),
                entry => Assert.Equal(entry.Second, 100 * Bleu.Sentence(entry.First.First, entry.First.Second), 1e-6)
            );
        }
    }

    [Fact]
    public void Rouge_GoldWithStems_IsEqual()
    {
        var checkedAny = 0;
        foreach (var gold in Gold.Cases("rouge.json"))
        {
            var (prediction, target) = (gold.GetProperty("prediction").GetString()!, gold.GetProperty("target").GetString()!);
            foreach (
                var expected in gold.GetProperty("expected")
                    .EnumerateObject()
                    .Where(entry => entry.Name.EndsWith("_stem", StringComparison.Ordinal) || entry.Name == "rougeLsum")
            )
            {
                var score = expected.Name switch
                {
                    "rouge1_stem" => Rouge.N(prediction, target, 1, stem: true),
                    "rouge2_stem" => Rouge.N(prediction, target, 2, stem: true),
                    "rougeL_stem" => Rouge.L(prediction, target, stem: true),
                    _ => Rouge.LSum(prediction, target),
                };
                var tolerance = expected.Name == "rougeLsum" ? 1e-3 : 1e-5;
                Assert.Equal(expected.Value.Number("precision"), score.Precision, tolerance);
                Assert.Equal(expected.Value.Number("recall"), score.Recall, tolerance);
                Assert.Equal(expected.Value.Number("f"), score.F, tolerance);
                checkedAny++;
            }
        }

        Assert.True(checkedAny > 2);
    }

    [Fact]
    public void Wilcoxon_Gold_IsEqual()
    {
        var gold = Gold.Case("significance_calibration.json", "paired");
        var (statistic, p) = Wilcoxon.Test([.. gold.Numbers("x").Zip(gold.Numbers("y"), (x, y) => x - y)]);
        Assert.Equal(gold.Numbers("wilcoxon"), [statistic, p], new Tolerance(1e-8));
    }

    [Fact]
    public void Calibration_Gold_IsEqual()
    {
        var gold = Gold.Case("significance_calibration.json", "calibration");
        bool[] outcomes = [.. gold.Numbers("label").Select(label => label > 0)];
        Assert.Equal(gold.Number("brier"), Calibration.Brier(gold.Numbers("prob"), outcomes), 1e-8);
        Assert.Equal(gold.Number("ece_10_equal_width"), Calibration.ExpectedError(gold.Numbers("prob"), outcomes), 1e-8);
        var figures = ConfidenceFigures.Of(gold.Numbers("prob"), outcomes);
        Assert.Equal(
            (gold.Number("brier"), gold.Number("ece_10_equal_width")),
            (figures.Brier.Value, figures.Error.Value),
            (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-8 && Math.Abs(a.Item2 - b.Item2) < 1e-8
        );
        Assert.All(
            [figures.Confidence, figures.Error, figures.Brier],
            figure => Assert.True(figure.Low < figure.High && figure.Low <= figure.Value && figure.Count == outcomes.Length)
        );
    }

    /// <summary>Words of the published vocabulary of the algorithm's author.</summary>
    [Theory]
    [InlineData("caresses", "caress")]
    [InlineData("ponies", "poni")]
    [InlineData("feed", "feed")]
    [InlineData("agreed", "agre")]
    [InlineData("plastered", "plaster")]
    [InlineData("motoring", "motor")]
    [InlineData("sing", "sing")]
    [InlineData("hopping", "hop")]
    [InlineData("filing", "file")]
    [InlineData("relational", "relat")]
    [InlineData("conditional", "condit")]
    [InlineData("vietnamization", "vietnam")]
    [InlineData("triplicate", "triplic")]
    [InlineData("hopefulness", "hope")]
    [InlineData("adjustment", "adjust")]
    [InlineData("adoption", "adopt")]
    [InlineData("probate", "probat")]
    [InlineData("controll", "control")]
    [InlineData("dying", "die")]
    public void PorterStemmer_KnownWords(string word, string stem) => Assert.Equal(stem, PorterStemmer.Stem(word));

    private sealed class Tolerance(double most) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= most;

        public int GetHashCode(double value) => 0;
    }
}
