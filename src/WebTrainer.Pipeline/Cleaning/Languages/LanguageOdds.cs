namespace WebTrainer.Pipeline.Cleaning.Languages;

/// <summary>The language of a text, as an ISO 639-1 code, and how sure that is, from 0 to 1.</summary>
internal readonly record struct ToldLanguage(string Language, double Confidence);

/// <summary>
/// Tells languages by what a text shows and by how common each language is where it comes from (Bayes' rule). A short text shows little: "I
/// am still waiting on my card?" looks a little more like Danish than like English. Among English texts it is English all the same; a
/// sentence of Danish shows a million times more.
/// </summary>
internal sealed class LanguageOdds
{
    /// <summary>Odds of a language that the data clearly has, against those that are wanted.</summary>
    public const double OfPresent = 0.1;

    /// <summary>Odds of any other language.</summary>
    public const double OfOthers = 0.001;

    private readonly Dictionary<string, double> _odds;

    private LanguageOdds(Dictionary<string, double> odds) => _odds = odds;

    /// <param name="wanted">Languages that stay.</param>
    /// <param name="present">Languages that the data clearly has.</param>
    /// <param name="among">Languages that texts may be in beside the wanted ones; all when empty.</param>
    public static LanguageOdds For(
        IReadOnlyCollection<string> wanted,
        IReadOnlyCollection<string> present,
        IReadOnlyCollection<string> among
    ) =>
        new(
            (among.Count == 0 ? TextLanguages.Known : wanted.Union(among)).ToDictionary(
                l => l,
                l =>
                    wanted.Contains(l) ? 1
                    : present.Contains(l) ? OfPresent
                    : OfOthers
            )
        );

    /// <summary>
    /// Where no language is wanted more than another: those that the data clearly has are as likely as each other, any other is less so.
    /// </summary>
    public static LanguageOdds Of(IReadOnlyCollection<string> present) => For(present.Count == 0 ? TextLanguages.Known : present, [], []);

    /// <returns>The languages that a text may be in, the likeliest first, sure of 1 together; none where the text doesn't say, or fits none
    /// of them.</returns>
    public IReadOnlyList<ToldLanguage> Weigh(IReadOnlyDictionary<string, double> likelihoods)
    {
        ArgumentNullException.ThrowIfNull(likelihoods);
        var weighed = likelihoods
            .Where(l => _odds.ContainsKey(l.Key))
            .Select(l => (Language: l.Key, Weight: l.Value * _odds[l.Key]))
            .OrderByDescending(l => l.Weight)
            .ToList();
        var sum = weighed.Sum(l => l.Weight);
        return [.. weighed.Select(l => new ToldLanguage(l.Language, l.Weight / sum))];
    }

    /// <returns>The likeliest language; null where the text doesn't say, or fits none of them.</returns>
    public ToldLanguage? Tell(IReadOnlyDictionary<string, double> likelihoods) => Weigh(likelihoods) is [var best, ..] ? best : null;
}
