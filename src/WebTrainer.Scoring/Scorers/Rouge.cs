using System.Text.RegularExpressions;

namespace WebTrainer.Scoring.Scorers;

/// <param name="Precision">Of the answer's units, the share that the right answer has too.</param>
/// <param name="Recall">Of the right answer's units, the share that the answer has too.</param>
public sealed record RougeScore(double Precision, double Recall)
{
    /// <summary>Harmonic mean of the two, 0 where both are 0.</summary>
    public double F => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    internal static RougeScore Of(int common, int given, int right) => new(given == 0 ? 0 : (double)common / given, right == 0 ? 0 : (double)common / right);
}

/// <summary>
/// ROUGE (Lin 2004) with the conventions of Google's rouge_score, without stemming: lower case, words of <c>[a-z0-9]</c>. Where a text
/// has other scripts, words are runs of letters and digits, since the original would throw them away.
/// </summary>
public static partial class Rouge
{
    /// <summary>ROUGE-N: n-grams in common, each as often as both have it.</summary>
    public static RougeScore N(string answer, string expected, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var (given, right) = (Grams(Words(answer), n), Grams(Words(expected), n));
        var common = given.Sum(gram => Math.Min(gram.Value, right.GetValueOrDefault(gram.Key)));
        return RougeScore.Of(common, given.Values.Sum(), right.Values.Sum());
    }

    /// <summary>ROUGE-L: the longest common subsequence of words.</summary>
    public static RougeScore L(string answer, string expected)
    {
        var (given, right) = (Words(answer), Words(expected));
        return RougeScore.Of(LongestCommonSubsequence(given, right), given.Length, right.Length);
    }

    private static string[] Words(string text)
    {
        var lower = text.ToLowerInvariant();
        return [.. (Foreign().IsMatch(lower) ? AnyWord() : LatinWord()).Matches(lower).Select(match => match.Value)];
    }

    private static Dictionary<string, int> Grams(string[] words, int n) =>
        Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).CountBy(i => string.Join(' ', words, i, n)).ToDictionary();

    private static int LongestCommonSubsequence(string[] a, string[] b)
    {
        var row = new int[b.Length + 1];
        foreach (var word in a)
        {
            var diagonal = 0;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = string.Equals(word, b[j - 1], StringComparison.Ordinal) ? diagonal + 1 : Math.Max(row[j], row[j - 1]);
                diagonal = above;
            }
        }

        return row[^1];
    }

    [GeneratedRegex("[a-z0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LatinWord();

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AnyWord();

    [GeneratedRegex(@"[\p{L}-[a-zà-ÿ]]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Foreign();
}
