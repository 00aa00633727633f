using System.Text.RegularExpressions;

namespace WebTrainer.Scoring.Scorers;

/// <summary>n-grams of one answer, by their order from 1.</summary>
/// <param name="Common">Those that the right answer has too.</param>
/// <param name="Given">All of them.</param>
/// <param name="AnswerLength">Words of the answer.</param>
/// <param name="ExpectedLength">Words of the right answer, by which short answers are held to account.</param>
public sealed record BleuCounts(long[] Common, long[] Given, long AnswerLength, long ExpectedLength);

/// <summary>
/// BLEU (Papineni et al., ACL 2002) with the conventions of sacrebleu: tokenizer 13a, case counts, orders 1 to 4, exponential smoothing of
/// orders without a match.
/// </summary>
public static partial class Bleu
{
    private const int Orders = 4;

    /// <summary>One answer; orders that it is too short for are left out (sacrebleu's effective order).</summary>
    /// <returns>0 to 1 (sacrebleu prints it times 100).</returns>
    public static double Sentence(string answer, string expected) => Of([(answer, expected)], effectiveOrder: true);

    /// <summary>Of many answers together: n-grams are counted over all before they are compared.</summary>
    /// <returns>0 to 1.</returns>
    public static double Corpus(IEnumerable<(string Answer, string Expected)> pairs) => Of(pairs, effectiveOrder: false);

    /// <summary>The same of pairs that were counted before.</summary>
    public static double Corpus(IEnumerable<BleuCounts> counts) => Of(counts, effectiveOrder: false);

    /// <summary>What one answer adds to the counts of many: counted once, summed as often as one likes.</summary>
    public static BleuCounts Count(string answer, string expected)
    {
        var (a, b) = (Tokens(answer), Tokens(expected));
        var (common, given) = (new long[Orders], new long[Orders]);
        for (var n = 1; n <= Orders; n++)
        {
            var right = Grams(b, n);
            common[n - 1] = Grams(a, n).Sum(gram => (long)Math.Min(gram.Value, right.GetValueOrDefault(gram.Key)));
            given[n - 1] = Math.Max(0, a.Length - n + 1);
        }

        return new(common, given, a.Length, b.Length);
    }

    private static double Of(IEnumerable<(string Answer, string Expected)> pairs, bool effectiveOrder) =>
        Of(pairs.Select(pair => Count(pair.Answer, pair.Expected)), effectiveOrder);

    private static double Of(IEnumerable<BleuCounts> counts, bool effectiveOrder)
    {
        var (common, given) = (new long[Orders], new long[Orders]);
        var (answerLength, expectedLength) = (0L, 0L);
        foreach (var pair in counts)
        {
            (answerLength, expectedLength) = (answerLength + pair.AnswerLength, expectedLength + pair.ExpectedLength);
            for (var n = 0; n < Orders; n++)
            {
                (common[n], given[n]) = (common[n] + pair.Common[n], given[n] + pair.Given[n]);
            }
        }

        return common[0] == 0 ? 0 : BrevityPenalty(answerLength, expectedLength) * GeometricMean(common, given, effectiveOrder);
    }

    private static double BrevityPenalty(long answer, long expected) => answer >= expected ? 1 : Math.Exp(1 - (double)expected / answer);

    private static double GeometricMean(long[] common, long[] given, bool effectiveOrder)
    {
        var (logs, smoothing, orders) = (0.0, 1.0, 0);
        for (var n = 0; n < Orders && given[n] > 0; n++)
        {
            if (common[n] == 0)
            {
                smoothing *= 2;
            }

            logs += Math.Log(common[n] == 0 ? 1 / (smoothing * given[n]) : (double)common[n] / given[n]);
            orders++;
        }

        return orders < Orders && !effectiveOrder ? 0 : Math.Exp(logs / orders);
    }

    /// <summary>mteval-v13a: marks are words of their own, but for the point and comma inside a number.</summary>
    private static string[] Tokens(string text)
    {
        var plain = text.Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        var parted = Mark().Replace($" {plain} ", " $0 ");
        parted = PointAfterOther().Replace(parted, "${before} ${mark} ");
        parted = PointBeforeOther().Replace(parted, " ${mark} ${after}");
        return DashAfterDigit().Replace(parted, "${digit} ${dash} ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static Dictionary<string, int> Grams(string[] tokens, int n) =>
        Enumerable.Range(0, Math.Max(0, tokens.Length - n + 1)).CountBy(i => string.Join(' ', tokens, i, n)).ToDictionary();

    [GeneratedRegex(@"[\{-\~\[-\` -\&\(-\+\:-\@\/]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mark();

    [GeneratedRegex(@"(?<before>[^0-9])(?<mark>[\.,])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PointAfterOther();

    [GeneratedRegex(@"(?<mark>[\.,])(?<after>[^0-9])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PointBeforeOther();

    [GeneratedRegex("(?<digit>[0-9])(?<dash>-)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DashAfterDigit();
}
