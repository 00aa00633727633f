using System.Collections.Concurrent;

namespace WebTrainer.Pipeline.Cleaning.Languages;

/// <summary>
/// Finds out which languages the texts of a dataset are clearly in, from those of them that leave no doubt. Safe for many threads at once.
/// </summary>
internal sealed class LanguageCensus
{
    /// <summary>Texts that are looked at: more tell no more.</summary>
    public const int MostTexts = 2_000;

    /// <summary>Characters from which a text may leave no doubt.</summary>
    public const int LeastCharacters = 40;

    private const double Clear = 0.9999;
    private const int LeastTexts = 3;
    private const double LeastShare = 0.01;

    private readonly ConcurrentDictionary<string, int> _texts = new();

    /// <summary>
    /// Counts a text for its likeliest language, if it has at least <see cref="LeastCharacters"/> and that language is 0.9999 sure.
    /// </summary>
    /// <param name="likelihoods">As <see cref="TextLanguages.Likelihoods"/> gives them.</param>
    public void Add(string text, IReadOnlyDictionary<string, double> likelihoods)
    {
        if (TextLanguages.Length(text) < LeastCharacters || likelihoods.Count == 0)
        {
            return;
        }

        var (language, likelihood) = likelihoods.MaxBy(l => l.Value);
        if (likelihood >= Clear)
        {
            _texts.AddOrUpdate(language, 1, (_, n) => n + 1);
        }
    }

    /// <summary>
    /// The languages that a hundredth and more of the clear texts are in, and at least three of them; the most frequent first.
    /// </summary>
    public IReadOnlyList<string> Present
    {
        get
        {
            var least = Math.Max(LeastTexts, LeastShare * _texts.Values.Sum());
            return
            [
                .. _texts
                    .Where(t => t.Value >= least)
                    .OrderByDescending(t => t.Value)
                    .ThenBy(t => t.Key, StringComparer.Ordinal)
                    .Select(t => t.Key),
            ];
        }
    }
}
