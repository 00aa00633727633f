using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Languages;

/// <summary>
/// Persian in Latin letters, as people type it on phones. Detectors of languages know no such text and take it for whatever comes nearest;
/// its small words and the beginnings of its verbs give it away.
/// </summary>
internal static partial class Finglish
{
    /// <summary>BCP 47: Persian in the Latin script.</summary>
    public const string Code = "fa-Latn";

    /// <summary>Words that must give it away, and their share of all.</summary>
    private const int LeastWords = 2;
    private const double LeastShare = 0.25;

    /// <summary>Words of no other language that is often written here; of those with several spellings, each.</summary>
    private static readonly HashSet<string> s_words = new(
        (
            "salam salaam khubi khobi khoobi chetori chetor chikar chikare nemidunam nemidoonam nemidonam midunam midoonam midonam bayad baraye vase hast hastam hasti hastid hastim nist nistam "
            + "bood boodam bud budam shod shodam shode mishe nemishe daram darim darid nadaram nadare nadarim kheyli kheili khoob khub ast ke az ba dar shoma oon chera kojast koja chie hamin hanuz "
            + "hanooz alan emrooz emruz farda dirooz diruz mamnoon mamnun lotfan bebakhshid doost dust azizam joon agha khanum khanoom bale hala vaghti age agar hatman shayad ziad bishtar hame hich "
            + "harf goft goftam migam migi mige raftam miram miri biya umad omad umadam omadam kard kardam kardi karde kardid gereft gereftam begir bede bedid zang pool pul hesab hesabam kart kartam "
            + "shomare ramz ramzam moshkel tamas pasokh javab ersal sefaresh gheymat dige digeh hanooz inja unja oonja hamishe baad bad'an chand chandta taraf khodam khodet khodesh mano toro ino "
            + "uno ro ra nashod nashode nemitoonam nemitunam mitoonam mitunam mitavanam konam koni konid konim nakon bokon beshe bashe bashid mersi"
        ).Split(' '),
        StringComparer.Ordinal
    );

    private static readonly HashSet<string> s_english = new(
        "the is are and of to it for you was with on have not this my what that be at by from or an if will can do your".Split(' '),
        StringComparer.Ordinal
    );

    /// <summary>Whether the text is rather this than any other language.</summary>
    public static bool IsIt(string text)
    {
        var (words, persian, english) = (0, 0, 0);
        foreach (var match in Words().EnumerateMatches(text))
        {
            var word = text.AsSpan(match.Index, match.Length).ToString().ToLowerInvariant();
            words++;
            persian += s_words.Contains(word) || Verb().IsMatch(word) ? 1 : 0;
            english += s_english.Contains(word) ? 1 : 0;
        }

        return persian >= LeastWords && persian >= LeastShare * words && persian > english;
    }

    [GeneratedRegex(@"[\p{L}']+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Words();

    // mikonam, nemikonid, mirim: the beginning of the present, and the ending of its person.
    [GeneratedRegex("^(?:ne)?mi[a-z]{2,8}(?:am|im|id|eh)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Verb();
}
