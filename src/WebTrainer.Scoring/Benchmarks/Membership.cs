using WebTrainer.Protocol;
using WebTrainer.Scoring.Memory;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// Can training rows be told from others by how likely the model finds their answers? (Membership inference by threshold, Yeom et al.,
/// arXiv:1709.01604.) Each question is a training row beside a test row, with the same answer where there is one.
/// </summary>
public sealed class MembershipBenchmark : Benchmark
{
    /// <summary>
    /// Metrics: share of pairs in which the training row's answer is the likelier one; area under the attack's curve over all rows;
    /// share of the training rows that it finds where it takes at most one in a hundred others for such.
    /// </summary>
    public const string Told = "members_told",
        Area = "membership_auc",
        Found = "members_found";

    private const string OfMember = "member_score",
        OfOther = "other_score";
    private const double FalsePositives = 0.01;
    private const int FewestRows = 20;

    /// <exception cref="BenchmarkException">There are too few rows of either kind.</exception>
    public MembershipBenchmark(BenchmarkSpec spec, OwnData data)
    {
        var others = data
            .Test.GroupBy(row => row.Messages[^1].Content, StringComparer.Ordinal)
            .ToDictionary(rows => rows.Key, rows => new Queue<DatasetRow>(rows), StringComparer.Ordinal);
        var pairs = new List<(DatasetRow Member, DatasetRow Other)>();
        var unpaired = new List<DatasetRow>();
        foreach (var row in QuestionDraw.Some(data.Train, data.Test.Count, spec.Seed))
        {
            if (others.TryGetValue(row.Messages[^1].Content, out var alike) && alike.TryDequeue(out var other))
            {
                pairs.Add((row, other));
            }
            else
            {
                unpaired.Add(row);
            }
        }

        pairs.AddRange(unpaired.Zip(others.Values.SelectMany(rows => rows)));
        if (pairs.Count < FewestRows)
        {
            throw new BenchmarkException(
                $"There are {pairs.Count} pairs of a training and a test row; with fewer than {FewestRows} nobody can say whether rows can be told apart."
            );
        }

        Questions = [.. QuestionDraw.Some(pairs, spec.MaxQuestions, spec.Seed).Select(Make)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => Told;

    /// <inheritdoc/>
    public override string Note =>
        "50 % is guessing: training rows can't be told from test rows. It holds where both were split at random. The base has seen neither, so that what it tells apart is no leak.";

    /// <summary>By the mean log-probability of a token of the answer.</summary>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var (member, other) = (PerToken(responses[0]), PerToken(responses[1]));
        return new(
            member > other ? "the training row is likelier" : "the test row is likelier",
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [Told] =
                    member > other ? 1
                    : member < other ? 0
                    : 0.5,
                [OfMember] = member,
                [OfOther] = other,
            }
        );
    }

    /// <inheritdoc/>
    public override IReadOnlyList<MetricFigure> Summarise(IReadOnlyList<QuestionScore> scores)
    {
        double[] members = [.. scores.Select(score => score.Values[OfMember])],
            others = [.. scores.Select(score => score.Values[OfOther])];
        return
        [
            Figure.Mean(Told, [.. scores.Select(score => score.Values[Told])]),
            Figure.OfRows(
                Area,
                scores.Count,
                rows => MembershipInference.Auc([.. rows.Select(row => members[row])], [.. rows.Select(row => others[row])])
            ),
            Figure.OfRows(
                Found,
                scores.Count,
                rows =>
                    MembershipInference.FoundAt([.. rows.Select(row => members[row])], [.. rows.Select(row => others[row])], FalsePositives)
            ),
        ];
    }

    private static double PerToken(ModelResponse response) => response.LogProbability / Math.Max(1, response.Tokens);

    private static BenchmarkQuestion Make((DatasetRow Member, DatasetRow Other) pair) =>
        new(
            pair.Member.Id,
            "",
            string.Join('\n', pair.Member.Messages.SkipLast(1).Select(message => message.Content)),
            pair.Member.Messages[^1].Content,
            [Ask(pair.Member), Ask(pair.Other)]
        );

    private static ContinuationRequest Ask(DatasetRow row) =>
        new(new Prompt(null, [.. row.Messages.SkipLast(1)]), row.Messages[^1].Content, Ends: true);
}
