using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class VerdictTests
{
    [Fact]
    public void Sure_SaysHowManyMore_WithIntervalAndP()
    {
        var verdict = Verdict.Of(new Comparison("base", "run-2", "right", 6, 40, 0.085, 0.0512, 0.1188, 0.0000003, 80), 400);
        Assert.True(verdict.IsBetter);
        Assert.Equal("run-2 is right on 34 more of 400 rows than base (+8.5 points, between +5.1 and +11.9; p < 0.001).", verdict.Sentence);
    }

    [Fact]
    public void SurelyWorse_SaysFewer()
    {
        var verdict = Verdict.Of(
            new Comparison("linear model on n-grams", "run-2", "right", 200, 55, -0.0471, -0.0571, -0.0371, 0.002, 900),
            3080
        );
        Assert.False(verdict.IsBetter);
        Assert.Equal(
            "run-2 is right on 145 fewer of 3,080 rows than linear model on n-grams (−4.7 points, between −5.7 and −3.7; p = 0.002).",
            verdict.Sentence
        );
    }

    [Fact]
    public void Unsure_SaysHowManyRowsWouldBeNeeded()
    {
        var verdict = Verdict.Of(new Comparison("run-1", "run-2", "right", 10, 12, 0.005, -0.019, 0.029, 0.832, 6865), 400);
        Assert.Null(verdict.IsBetter);
        Assert.Equal(
            "run-2 and run-1 cannot be told apart on 400 rows (+0.5 points, between −1.9 and +2.9; p = 0.832); about 6,900 rows would be needed to be sure of such a difference.",
            verdict.Sentence
        );
    }

    [Fact]
    public void Equal_SaysSo()
    {
        var verdict = Verdict.Of(new Comparison("run-1", "run-2", "right", 10, 10, 0, -0.02, 0.02, 1, null), 400);
        Assert.EndsWith("they are right equally often.", verdict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void FreeText_IsComparedByTokenF1()
    {
        var verdict = Verdict.Of(new Comparison("base", "run-2", "token_f1", 0, 0, 0.12, 0.1, 0.14, null, null), 70);
        Assert.True(verdict.IsBetter);
        Assert.Equal(
            "run-2 comes nearer to the right answers than base: token F1 +12.0 points, between +10.0 and +14.0.",
            verdict.Sentence
        );
        Assert.Null(Verdict.Of(new Comparison("base", "run-2", "token_f1", 0, 0, 0.01, -0.02, 0.04, null, null), 70).IsBetter);
    }

    [Fact]
    public void MetricThatIsBetterWhenLower_TurnsTheVerdict()
    {
        var verdict = Verdict.Of(
            new Comparison("base", "run-2", "bits_per_byte", 90, 10, 0.412, 0.35, 0.47, 0.00001, null),
            100,
            higherIsBetter: false
        );
        Assert.False(verdict.IsBetter);
        Assert.Equal(
            "run-2 has a higher value of Bits per byte than base (+0.412, between +0.350 and +0.470; p < 0.001).",
            verdict.Sentence
        );
    }

    [Fact]
    public void MeansWhoseIntervalAndTestDisagree_AreNotSure() =>
        Assert.Null(Verdict.Of(new Comparison("base", "run-2", "token_f1", 40, 60, 0.01, -0.002, 0.022, 0.04, null), 100).IsBetter);

    [Fact]
    public void MoreRowsSaidByHeart_IsWorse()
    {
        var verdict = Verdict.Of(
            new Comparison("base", "run-2", "right", 0, 12, 0.06, 0.03, 0.1, 0.0005, 80),
            200,
            higherIsBetter: false,
            "questions",
            "says by heart"
        );
        Assert.False(verdict.IsBetter);
        Assert.Equal(
            "run-2 says by heart 12 more of 200 questions than base (+6.0 points, between +3.0 and +10.0; p < 0.001).",
            verdict.Sentence
        );
    }
}
