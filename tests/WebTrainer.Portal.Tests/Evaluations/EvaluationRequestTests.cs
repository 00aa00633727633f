using WebTrainer.Domain;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class EvaluationRequestTests
{
    private static readonly Guid s_file = Guid.NewGuid();

    public static TheoryData<EvaluationRequest, string> Senseless =>
        new()
        {
            { Ask(new BenchmarkRequest(s_file) { Shots = 99 }), "0 to 32 solved examples" },
            { Ask(new BenchmarkRequest(s_file) { MaxQuestions = 0 }), "at least one question" },
            { Ask(new BenchmarkRequest(s_file) { Samples = 5 }), "temperature above 0" },
            { Ask(new BenchmarkRequest(s_file) { Temperature = double.NaN }), "between 0 and 2" },
            { Ask(new BenchmarkRequest(null, BenchmarkKind.Mmlu)), "needs its file" },
            { Ask(new BenchmarkRequest(null)), "needs its file" },
            { new EvaluationRequest([], 0), "at least one row" },
            {
                new EvaluationRequest([]) { Scorers = [new(ScorerKind.Pattern, "(")] },
                "no regular expression"
            },
            {
                new EvaluationRequest([]) { Scorers = [new(ScorerKind.JsonSchema, Schema: "{")] },
                "no JSON schema"
            },
            {
                new EvaluationRequest([]) { Scorers = [new(ScorerKind.Number, Tolerance: 2)] },
                "between 0 and 1"
            },
            {
                new EvaluationRequest([]) { Benchmarks = [.. Enumerable.Repeat(new BenchmarkRequest(s_file), 21)] },
                "at most 20 benchmarks"
            },
        };

    [Theory]
    [MemberData(nameof(Senseless))]
    public void SenselessSetting_IsNamed(EvaluationRequest request, string named) =>
        Assert.Contains(named, Assert.Throws<RuleViolationException>(request.Check).Message, StringComparison.Ordinal);

    [Fact]
    public void SensibleSettings_AreTaken() =>
        Ask(
                new(s_file)
                {
                    Shots = 5,
                    Form = ChoiceForm.Words,
                    Prompting = Prompting.Chat,
                },
                new(s_file) { Samples = 10, Temperature = 0.8 },
                new(null, BenchmarkKind.Robustness),
                new(null, BenchmarkKind.Leakage)
            )
            .Check();

    [Fact]
    public void EveryKindAndMetric_HasWords()
    {
        Assert.All(
            Enum.GetValues<BenchmarkKind>(),
            kind => Assert.True(BenchmarkWords.Title(kind).Length > 0 && BenchmarkWords.Explain(kind).Length > 20)
        );
        Assert.Equal(("12.5 %", "1.84"), (BenchmarkWords.Value("acc", 0.125), BenchmarkWords.Value("bits_per_byte", 1.8399)));
    }

    private static EvaluationRequest Ask(params BenchmarkRequest[] benchmarks) => new([]) { Benchmarks = benchmarks };
}
