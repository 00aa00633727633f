using CsCheck;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Memory;

namespace WebTrainer.Scoring.Tests;

/// <summary>What tells whether rows were learned by heart.</summary>
public sealed class MemoryTests
{
    /// <summary>By the definition: the share of pairs, ties as half.</summary>
    [Fact]
    public void Auc_IsTheShareOfPairsInWhichTheMemberLiesAbove() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 30], Gen.Int[0, 5].Array[1, 30])
            .Sample(
                (members, others) =>
                {
                    var pairs = members.SelectMany(member => others.Select(other => Math.Sign(member - other)));
                    var expected = pairs.Average(sign => (sign + 1) / 2.0);
                    var auc = MembershipInference.Auc([.. members.Select(m => (double)m)], [.. others.Select(o => (double)o)]);
                    Assert.Equal(expected, auc, 1e-12);
                }
            );

    [Fact]
    public void FoundAt_CountsMembersAboveAThresholdThatFewOthersPass()
    {
        double[] others = [.. Enumerable.Range(0, 100).Select(i => (double)i)];
        Assert.Equal(0.5, MembershipInference.FoundAt([98.5, 200, 98, 3], others, 0.01)); // one in a hundred, 99, lies above 98
        Assert.Equal(0, MembershipInference.FoundAt([1, 2], others, 0.01));
    }

    /// <summary>Rows that are hard for all models: their loss alone says nothing, beside reference models it does.</summary>
    [Fact]
    public void LikelihoodRatios_TellMembersApart_WhereLossesAloneDoNot()
    {
        const int Rows = 200,
            Models = 16;
        var random = new Random(1);
        double[] hardness = [.. Enumerable.Range(0, Rows).Select(_ => 1 + (10 * random.NextDouble()))];
        var learned = Enumerable
            .Range(0, Models + 1)
            .Select(_ => Enumerable.Range(0, Rows).Select(_ => random.Next(2) == 0).ToArray())
            .ToArray();
        double Loss(int model, int row) => hardness[row] * (learned[model][row] ? 0.9 : 1) * (1 + (0.03 * random.NextDouble()));
        double[][] losses = [.. learned.Select((_, model) => Enumerable.Range(0, Rows).Select(row => Loss(model, row)).ToArray())];
        var scores = MembershipInference.LikelihoodRatios(losses[Models], losses[..Models], (model, row) => learned[model][row]);
        double Auc(Func<int, double> score) =>
            MembershipInference.Auc(
                [.. Enumerable.Range(0, Rows).Where(row => learned[Models][row]).Select(score)],
                [.. Enumerable.Range(0, Rows).Where(row => !learned[Models][row]).Select(score)]
            );
        Assert.InRange(Auc(row => -losses[Models][row]), 0.4, 0.65);
        Assert.InRange(Auc(row => scores[row]), 0.95, 1);
    }

    [Fact]
    public void LikelihoodRatios_OfRowsThatNobodyHasLearned_SayNothing() =>
        Assert.Equal(
            [0],
            MembershipInference.LikelihoodRatios(
                [1],
                [
                    [1],
                    [2],
                    [3],
                ],
                (_, _) => false
            )
        );

    [Fact]
    public void Exposure_IsAllBitsOfTheSecretWhereItIsLikeliest_AndOneOnAverageWhereNothingWasLearned()
    {
        double[] others = [.. Enumerable.Range(1, 1023).Select(i => (double)i)];
        Assert.Equal(10, CanaryExposure.Of(0, others));
        Assert.Equal(0, CanaryExposure.Of(2000, others));
        Assert.Equal(9, CanaryExposure.Of(1.5, others));
        var mean = Enumerable.Range(0, 1024).Average(rank => CanaryExposure.Of(rank + 0.5, others));
        Assert.InRange(mean, 1.35, 1.5); // log₂ e, the mean of -log₂ of a uniform number
        Assert.Matches("^The code is [0-9]{6}$", CanaryExposure.Draw("The code is ######", new Random(1)));
    }

    [Fact]
    public void Membership_AsksATrainingRowBesideATestRowOfTheSameAnswer_AndSumsUp()
    {
        static DatasetRow Row(string id, int i) => new(id, [new("user", $"question {id}"), new("assistant", i % 2 == 0 ? "yes" : "no")]);
        var data = OwnData.None with
        {
            Train = [.. Enumerable.Range(0, 60).Select(i => Row($"t{i}", i))],
            Test = [.. Enumerable.Range(0, 40).Select(i => Row($"o{i}", i))],
        };
        var benchmark = BenchmarkReader.Make(
            new() { Kind = BenchmarkKind.Membership, Name = "membership" },
            [],
            data,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(40, benchmark.Questions.Count);
        var requests = benchmark.Questions.Select(q => q.Requests.Cast<ContinuationRequest>().ToList()).ToList();
        Assert.Equal(40, requests.Select(pair => pair[1].Prompt.Messages![0].Content).Distinct().Count());
        Assert.True(requests.Count(pair => pair[0].Continuation == pair[1].Continuation) > 30);
        // 30 training rows are likelier than all test rows, 10 less likely than all
        List<QuestionScore> scores =
        [
            .. benchmark.Questions.Select(
                (question, i) => benchmark.Score(question, [new("", i < 30 ? -1 : -9, 1), new("", -8 - (i / 100.0), 2)])
            ),
        ];
        var figures = benchmark.Summarise(scores).ToDictionary(figure => figure.Name, figure => figure.Value);
        Assert.Equal((0.75, 0.75, 0.75), (figures["members_told"], figures["membership_auc"], figures["members_found"]));
        var few = data with { Train = [.. data.Train.Take(5)] };
        Assert.Contains(
            "There are 5 pairs",
            Assert
                .Throws<BenchmarkException>(() =>
                    BenchmarkReader.Make(
                        new() { Kind = BenchmarkKind.Membership, Name = "membership" },
                        [],
                        few,
                        TestContext.Current.CancellationToken
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }
}
