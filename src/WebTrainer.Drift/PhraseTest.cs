using MathNet.Numerics;

namespace WebTrainer.Drift;

/// <summary>Whether words became more frequent.</summary>
/// <param name="Statistic">Sum over phrases of 1 / √p − 1, p the chance of as many of a phrase's texts in the window.</param>
/// <param name="PValue">Of a permutation test.</param>
/// <param name="Grown">The phrases that grew the most, with the texts of window and reference that have them; at most
/// <see cref="PhraseTest.Shown"/>.</param>
/// <param name="Unlikeness">Of each text of the window, how much its phrases grew.</param>
public sealed record PhraseResult(
    double Statistic,
    double PValue,
    IReadOnlyList<(string Phrase, int InWindow, int InReference)> Grown,
    IReadOnlyList<double> Unlikeness
);

/// <summary>
/// Whether words, or pairs of neighbouring ones, stand in more texts of the window than the reference leads to expect. For each phrase that
/// is the upper tail of a binomial distribution; the tails are put together by their mean of power −1/2 (Vovk and Wang, Biometrika 107,
/// 2020), which few small ones decide; and how rare that is by a permutation test, since phrases hang together.
/// </summary>
/// <remarks>A new topic shows here by its own words long before texts as a whole change.</remarks>
public sealed class PhraseTest
{
    /// <summary>Phrases named by a result.</summary>
    public const int Shown = 3;

    /// <summary>A phrase of one text says nothing.</summary>
    private const int LeastTexts = 2;
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<int[]> _reference = [];

    /// <param name="reference">Texts, at least one.</param>
    /// <exception cref="NotComparableException">There is no text.</exception>
    public PhraseTest(IReadOnlyList<string> reference)
    {
        Samples.RequireSome(reference, "reference");
        _reference.AddRange(reference.Select(text => Number(text, _numbers)));
    }

    /// <param name="current">Texts, at least one.</param>
    /// <param name="draws">Most permutations.</param>
    /// <exception cref="NotComparableException">There is no text.</exception>
    public PhraseResult Test(IReadOnlyList<string> current, int draws, long seed)
    {
        Samples.RequireSome(current, "window");
        var numbers = new Dictionary<string, int>(_numbers);
        int[][] texts = [.. _reference, .. current.Select(text => Number(text, numbers))];
        var counter = new Counter(texts, numbers.Count, current.Count);
        var test = PermutationTest.Test(texts.Length, current.Count, counter.Statistic, draws, seed);
        var (scores, counts) = counter.Of([.. Enumerable.Range(_reference.Count, current.Count)]);
        var grown = numbers
            .OrderByDescending(pair => scores[pair.Value])
            .Take(Shown)
            .Select(pair => (pair.Key, counts[pair.Value], counter.Total(pair.Value) - counts[pair.Value]));
        return new(
            test.Statistic,
            test.PValue,
            [.. grown],
            [.. texts.Skip(_reference.Count).Select(text => text.Sum(phrase => scores[phrase]))]
        );
    }

    private static int[] Number(string text, Dictionary<string, int> numbers)
    {
        var words = Vocabulary.Words(text);
        var phrases = words.Concat(words.Zip(words.Skip(1), (first, second) => $"{first} {second}")).Distinct();
        return
        [
            .. phrases.Select(phrase =>
            {
                numbers.TryAdd(phrase, numbers.Count);
                return numbers[phrase];
            }),
        ];
    }

    /// <summary>Counts the texts of a choice by their phrases.</summary>
    private sealed class Counter
    {
        private readonly int[][] _texts;
        private readonly int[] _totals;
        private readonly int[] _counts;
        private readonly double _share;

        /// <summary>1 / √p − 1, which is 0 for none, by texts of a phrase in all and in the window; not a number until it is
        /// needed.</summary>
        private readonly Dictionary<int, double[]> _scores = [];
        private readonly double[]?[] _scoresOf;

        public Counter(int[][] texts, int phrases, int window)
        {
            (_texts, _totals, _counts) = (texts, new int[phrases], new int[phrases]);
            _share = (double)window / texts.Length;
            foreach (var phrase in texts.SelectMany(text => text))
            {
                _totals[phrase]++;
            }

            _scoresOf = [.. _totals.Select(total => total < LeastTexts ? null : Scores(total, window))];
        }

        public int Total(int phrase) => _totals[phrase];

        public double Statistic(int[] window)
        {
            Count(window);
            var sum = 0.0;
            foreach (var text in window)
            {
                foreach (var phrase in _texts[text])
                {
                    // Its texts share the phrase's score.
                    sum += Score(phrase) / Math.Max(1, _counts[phrase]);
                }
            }

            return sum;
        }

        public (double[] Scores, int[] Counts) Of(int[] window)
        {
            Count(window);
            return ([.. _counts.Select((count, phrase) => count == 0 ? 0 : Score(phrase))], _counts);
        }

        private void Count(int[] window)
        {
            Array.Clear(_counts);
            foreach (var text in window)
            {
                foreach (var phrase in _texts[text])
                {
                    _counts[phrase]++;
                }
            }
        }

        private double Score(int phrase)
        {
            if (_scoresOf[phrase] is not { } scores)
            {
                return 0;
            }

            ref var score = ref scores[_counts[phrase]];
            if (double.IsNaN(score))
            {
                var (count, total) = (_counts[phrase], _totals[phrase]);
                // P[X ≥ count] of a binomial distribution, as an incomplete beta function.
                var tail = SpecialFunctions.BetaRegularized(count, total - count + 1, _share);
                score = (1 / Math.Sqrt(Math.Max(tail, double.Epsilon))) - 1;
            }

            return score;
        }

        private double[] Scores(int total, int window)
        {
            if (!_scores.TryGetValue(total, out var scores))
            {
                _scores[total] = scores = new double[Math.Min(total, window) + 1];
                Array.Fill(scores, double.NaN);
            }

            return scores;
        }
    }
}
