namespace WebTrainer.Labeling;

/// <summary>How two raters agree on the items that both rated.</summary>
/// <param name="First">The rater of the lower number, from 0.</param>
/// <param name="Second">The other rater.</param>
/// <param name="Items">Items that both rated; at least 1.</param>
/// <param name="Share">Equal ratings among them, 0 to 1.</param>
/// <param name="Kappa">Cohen's κ; null where it is undefined.</param>
public sealed record PairAgreement(int First, int Second, int Items, double Share, double? Kappa);

/// <summary>Where people agree and where they don't.</summary>
/// <param name="ByCategory">Of two ratings of one item of which one is this category: how often the other is too. Null where it was never
/// given beside another rating.</param>
/// <param name="Pairs">Raters with common items.</param>
/// <param name="Confusion">Ordered pairs of ratings of the same item, <c>[one][other]</c>; symmetric.</param>
public sealed record AgreementDetails(
    IReadOnlyList<double?> ByCategory,
    IReadOnlyList<PairAgreement> Pairs,
    IReadOnlyList<IReadOnlyList<int>> Confusion
)
{
    /// <summary>
    /// Category-specific agreement as Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 18.3: <c>Σᵢ nᵢⱼ(nᵢⱼ − 1) / Σᵢ
    /// nᵢⱼ(nᵢ − 1)</c>.
    /// </summary>
    public static AgreementDetails Of(Ratings ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        var size = ratings.Categories;
        var confusion = Enumerable.Range(0, size).Select(_ => new int[size]).ToArray();
        var pairs = new Dictionary<(int, int), PairCounts>();
        for (var item = 0; item < ratings.Items; item++)
        {
            var votes = ratings.VotesOf(item);
            for (var a = 0; a < votes.Length; a++)
            {
                for (var b = a + 1; b < votes.Length; b++)
                {
                    confusion[votes[a].Category][votes[b].Category]++;
                    confusion[votes[b].Category][votes[a].Category]++;
                    var (low, high) = votes[a].Rater < votes[b].Rater ? (votes[a], votes[b]) : (votes[b], votes[a]);
                    if (!pairs.TryGetValue((low.Rater, high.Rater), out var counts))
                    {
                        pairs[(low.Rater, high.Rater)] = counts = new PairCounts(size);
                    }

                    counts.Add(low.Category, high.Category);
                }
            }
        }

        return new(
            [
                .. Enumerable
                    .Range(0, size)
                    .Select(c => confusion[c].Sum() is var all and > 0 ? confusion[c][c] / (double)all : (double?)null),
            ],
            [.. pairs.OrderBy(p => p.Key).Select(p => p.Value.Agreement(p.Key.Item1, p.Key.Item2))],
            confusion
        );
    }

    /// <summary>Observed and marginal counts of one pair, from which κ = (pₒ − pₑ) / (1 − pₑ).</summary>
    private sealed class PairCounts(int size)
    {
        private readonly int[] _first = new int[size];
        private readonly int[] _second = new int[size];
        private int _items;
        private int _equal;

        public void Add(int first, int second)
        {
            _first[first]++;
            _second[second]++;
            _items++;
            if (first == second)
            {
                _equal++;
            }
        }

        public PairAgreement Agreement(int first, int second)
        {
            var share = _equal / (double)_items;
            var chance = _first.Zip(_second, (a, b) => a * (double)b).Sum() / ((double)_items * _items);
            return new(first, second, _items, share, chance >= 1 ? null : (share - chance) / (1 - chance));
        }
    }
}
