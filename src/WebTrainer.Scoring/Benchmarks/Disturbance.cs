using System.Text;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>Small changes that leave a text's meaning as it is.</summary>
public static class Disturbance
{
    /// <summary>About one word of this many gets a typing mistake.</summary>
    private const int WordsPerTypo = 6;
    private const int ShortestWord = 4;

    /// <summary>Neighbours on a keyboard.</summary>
    private static readonly Dictionary<char, string> s_neighbours = new()
    {
        ['a'] = "sq", ['b'] = "vn", ['c'] = "xv", ['d'] = "sf", ['e'] = "wr", ['f'] = "dg", ['g'] = "fh", ['h'] = "gj", ['i'] = "uo", ['j'] = "hk", ['k'] = "jl", ['l'] = "k",
        ['m'] = "n", ['n'] = "bm", ['o'] = "ip", ['p'] = "o", ['q'] = "wa", ['r'] = "et", ['s'] = "ad", ['t'] = "ry", ['u'] = "yi", ['v'] = "cb", ['w'] = "qe", ['x'] = "zc", ['y'] = "tu", ['z'] = "x",
    };

    /// <summary>Words that can stand for each other nearly everywhere.</summary>
    private static readonly (string From, string To)[] s_same =
    [
        ("can't", "cannot"), ("cannot", "can't"), ("don't", "do not"), ("do not", "don't"), ("I'm", "I am"), ("I am", "I'm"), ("isn't", "is not"), ("is not", "isn't"),
        ("what is", "what's"), ("why is", "how come"), ("want to", "would like to"), ("need to", "have to"), ("get", "obtain"), ("buy", "purchase"), ("begin", "start"), ("start", "begin"),
        ("help", "assist"), ("show", "display"), ("big", "large"), ("large", "big"), ("quickly", "fast"), ("answer", "reply"), ("doctor", "physician"), ("illness", "disease"), ("money", "funds"),
    ];

    private static readonly string[] s_openings = ["Hello, ", "Please tell me: ", "Quick question: ", "Hi there. ", "I have a question. "];
    private static readonly string[] s_endings = [" Thanks!", " Thank you.", "", ""];

    /// <summary>Letters swapped, left out, doubled, or taken for their neighbour on the keyboard.</summary>
    public static string Typos(string text, Random random)
    {
        var words = text.Split(' ');
        List<int> places = [.. Enumerable.Range(0, words.Length).Where(i => words[i].Length >= ShortestWord && words[i].All(char.IsLetter))];
        var wanted = Math.Max(1, words.Length / WordsPerTypo);
        foreach (var place in places.OrderBy(_ => random.Next()).Take(wanted))
            words[place] = Mistype(words[place], random);
        return string.Join(' ', words);
    }

    /// <summary>Without capitals and without marks at the end.</summary>
    public static string LowerCase(string text) => text.ToLowerInvariant().TrimEnd('.', '?', '!', ' ');

    /// <summary>Other words for the same, and a greeting or thanks around them.</summary>
    public static string Rephrase(string text, Random random)
    {
        var changed = new StringBuilder(" " + text + " ");
        foreach (var (from, to) in s_same)
        {
            if (changed.ToString().Contains($" {from} ", StringComparison.OrdinalIgnoreCase))
            {
                changed = new StringBuilder(changed.ToString().Replace($" {from} ", $" {to} ", StringComparison.OrdinalIgnoreCase));
                break; // one change of words: more would drift from the meaning
            }
        }

        return s_openings[random.Next(s_openings.Length)] + changed.ToString().Trim() + s_endings[random.Next(s_endings.Length)];
    }

    private static string Mistype(string word, Random random)
    {
        var at = random.Next(1, word.Length - 1);
        return random.Next(4) switch
        {
            0 => $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}",
            1 => word.Remove(at, 1),
            2 => word.Insert(at, word[at].ToString()),
            _ => s_neighbours.GetValueOrDefault(char.ToLowerInvariant(word[at])) is { } near ? $"{word[..at]}{near[random.Next(near.Length)]}{word[(at + 1)..]}" : word.Remove(at, 1),
        };
    }
}
