using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>
/// Names behind a title: «آقای رضایی», Dr. Smith. A weak sign: who has no title is not found, and a title before another word may be taken
/// for one.
/// </summary>
internal sealed partial class NameFinder : IFinder
{
    // What stands behind a title and is no name: roles, and words that go on with the sentence.
    private static readonly HashSet<string> s_noNames = new(
        (
            "رئیس رییس مدیر وزیر نماینده معاون محترم عزیز گرامی مسئول راننده پلیس معلم خانه به از که را با در برای است بود شد گفت این آن هم و یا تا"
        ).Split(' '),
        StringComparer.Ordinal
    );

    public string Name => "NAME";

    public IEnumerable<Found> Find(string text)
    {
        foreach (var match in Titled().Matches(text).Cast<Match>())
        {
            var names = match.Groups["name"].Captures.TakeWhile(c => !s_noNames.Contains(c.Value)).ToList();
            if (names.Count > 0)
            {
                yield return new Found(names[0].Index, names[^1].Index + names[^1].Length);
            }
        }
    }

    [GeneratedRegex(
        """
            (?<!\w)(?:
                (?:جناب[ ]|سرکار[ ])?(?:آقای|خانم|دکتر|مهندس|استاد|حاج)(?:[ ](?:دکتر|مهندس))?(?:[ ](?<name>[\u0621-\u064A\u067E\u0686\u0698\u06A9\u06AF\u06CC\u200C]{2,20})){1,2}
                |(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?(?:[ ](?<name>\p{Lu}[\p{L}'’-]{1,30})){1,2}
            )(?!\w)
            """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Titled();
}
