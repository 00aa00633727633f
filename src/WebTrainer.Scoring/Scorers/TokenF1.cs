using System.Text.RegularExpressions;

namespace WebTrainer.Scoring.Scorers;

/// <summary>
/// Overlap of words between an answer and the right one, as for SQuAD (arXiv:1606.05250): case, punctuation and English articles don't
/// count.
/// </summary>
public static partial class TokenF1
{
    /// <returns>2·precision·recall / (precision + recall), 0 to 1; 1 where both are empty.</returns>
    public static double Score(string answer, string expected)
    {
        var (given, right) = (Words(answer), Words(expected));
        if (given.Length == 0 || right.Length == 0)
        {
            return given.Length == right.Length ? 1 : 0;
        }

        var left = right.CountBy(word => word).ToDictionary();
        var common = 0;
        foreach (var word in given)
        {
            if (left.GetValueOrDefault(word) == 0)
            {
                continue;
            }

            left[word]--;
            common++;
        }

        return 2.0 * common / (given.Length + right.Length);
    }

    /// <summary>Equal but for case, punctuation, English articles and white space.</summary>
    public static bool IsNormalisedMatch(string answer, string expected) =>
        Words(answer).SequenceEqual(Words(expected), StringComparer.Ordinal);

    private static string[] Words(string text) =>
        Article()
            .Replace(Punctuation().Replace(text.ToLowerInvariant(), ""), " ")
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\p{P}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Article();
}
