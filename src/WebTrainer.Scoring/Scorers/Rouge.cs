using System.Text.RegularExpressions;

namespace WebTrainer.Scoring.Scorers;

/// <param name="Precision">Of the answer's units, the share that the right answer has too.</param>
/// <param name="Recall">Of the right answer's units, the share that the answer has too.</param>
public sealed record RougeScore(double Precision, double Recall)
{
    /// <summary>Harmonic mean of the two, 0 where both are 0.</summary>
    public double F => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    internal static RougeScore Of(int common, int given, int right) =>
        new(given == 0 ? 0 : (double)common / given, right == 0 ? 0 : (double)common / right);
}

/// <summary>
/// ROUGE (Lin 2004) with the conventions of Google's rouge_score: lower case, words of <c>[a-z0-9]</c>, stems of longer ones on request.
/// Where a text has other scripts, words are runs of letters and digits, since the original would throw them away.
/// </summary>
public static partial class Rouge
{
    private const int LongestUnstemmed = 3;

    /// <summary>ROUGE-N: n-grams in common, each as often as both have it.</summary>
    /// <param name="answer">What is scored.</param>
    /// <param name="expected">The right one.</param>
    /// <param name="n">From 1.</param>
    /// <param name="stem">Compare stems of words of more than three letters (<see cref="PorterStemmer"/>).</param>
    /// <exception cref="ArgumentOutOfRangeException">n is below 1.</exception>
    public static RougeScore N(string answer, string expected, int n, bool stem = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var (given, right) = (Grams(Words(answer, stem), n), Grams(Words(expected, stem), n));
        var common = given.Sum(gram => Math.Min(gram.Value, right.GetValueOrDefault(gram.Key)));
        return RougeScore.Of(common, given.Values.Sum(), right.Values.Sum());
    }

    /// <summary>ROUGE-L: the longest common subsequence of words.</summary>
    public static RougeScore L(string answer, string expected, bool stem = false)
    {
        var (given, right) = (Words(answer, stem), Words(expected, stem));
        return RougeScore.Of(Table(given, right)[given.Length, right.Length], given.Length, right.Length);
    }

    /// <summary>
    /// ROUGE-Lsum of texts of several lines: of each right line, the words that any answer line has in a common subsequence (the union of
    /// Lin 2004, section 3.2), each word counted no more often than both texts have it.
    /// </summary>
    public static RougeScore LSum(string answer, string expected, bool stem = false)
    {
        var (given, right) = (Lines(answer, stem), Lines(expected, stem));
        var (givenLeft, rightLeft) = (Counts(given), Counts(right));
        var common = 0;
        foreach (var line in right)
        {
            foreach (var word in given.SelectMany(other => Subsequence(other, line)).Distinct().Order().Select(place => line[place]))
            {
                if (givenLeft.GetValueOrDefault(word) == 0 || rightLeft.GetValueOrDefault(word) == 0)
                {
                    continue;
                }

                (givenLeft[word], rightLeft[word]) = (givenLeft[word] - 1, rightLeft[word] - 1);
                common++;
            }
        }

        return RougeScore.Of(common, given.Sum(line => line.Length), right.Sum(line => line.Length));
    }

    private static List<string[]> Lines(string text, bool stem) =>
        [.. text.Split('\n').Select(line => Words(line, stem)).Where(words => words.Length > 0)];

    private static Dictionary<string, int> Counts(IEnumerable<string[]> lines) =>
        lines.SelectMany(words => words).CountBy(word => word).ToDictionary();

    private static string[] Words(string text, bool stem)
    {
        var lower = text.ToLowerInvariant();
        var words = (Foreign().IsMatch(lower) ? AnyWord() : LatinWord()).Matches(lower).Select(match => match.Value);
        return [.. stem ? words.Select(word => word.Length > LongestUnstemmed ? PorterStemmer.Stem(word) : word) : words];
    }

    private static Dictionary<string, int> Grams(string[] words, int n) =>
        Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).CountBy(i => string.Join(' ', words, i, n)).ToDictionary();

    /// <summary>Lengths of the longest common subsequences of all beginnings.</summary>
    private static int[,] Table(string[] a, string[] b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                table[i, j] = string.Equals(a[i - 1], b[j - 1], StringComparison.Ordinal)
                    ? table[i - 1, j - 1] + 1
                    : Math.Max(table[i, j - 1], table[i - 1, j]);
            }
        }

        return table;
    }

    /// <returns>Places in the second that belong to a longest common subsequence.</returns>
    private static List<int> Subsequence(string[] a, string[] b)
    {
        var table = Table(b, a);
        var places = new List<int>();
        for (int i = b.Length, j = a.Length; i > 0 && j > 0; )
        {
            if (string.Equals(b[i - 1], a[j - 1], StringComparison.Ordinal))
            {
                places.Add(i - 1);
                (i, j) = (i - 1, j - 1);
            }
            else if (table[i, j - 1] > table[i - 1, j])
            {
                j--;
            }
            else
            {
                i--;
            }
        }

        return places;
    }

    [GeneratedRegex("[a-z0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LatinWord();

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AnyWord();

    [GeneratedRegex(@"[\p{L}-[a-zà-ÿ]]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Foreign();
}
