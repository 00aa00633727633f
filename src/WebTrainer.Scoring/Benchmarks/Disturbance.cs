namespace WebTrainer.Scoring.Benchmarks;

/// <summary>What goes wrong in typing, and leaves a text's meaning as it is.</summary>
public static class Disturbance
{
    /// <summary>About one word of this many gets a typing mistake.</summary>
    private const int WordsPerTypo = 6;
    private const int ShortestWord = 4;

    /// <summary>Neighbours on a keyboard.</summary>
    private static readonly Dictionary<char, string> s_neighbours = new()
    {
        ['a'] = "sq",
        ['b'] = "vn",
        ['c'] = "xv",
        ['d'] = "sf",
        ['e'] = "wr",
        ['f'] = "dg",
        ['g'] = "fh",
        ['h'] = "gj",
        ['i'] = "uo",
        ['j'] = "hk",
        ['k'] = "jl",
        ['l'] = "k",
        ['m'] = "n",
        ['n'] = "bm",
        ['o'] = "ip",
        ['p'] = "o",
        ['q'] = "wa",
        ['r'] = "et",
        ['s'] = "ad",
        ['t'] = "ry",
        ['u'] = "yi",
        ['v'] = "cb",
        ['w'] = "qe",
        ['x'] = "zc",
        ['y'] = "tu",
        ['z'] = "x",
    };

    /// <summary>Letters swapped, left out, doubled, or taken for their neighbour on the keyboard.</summary>
    public static string Typos(string text, Random random)
    {
        var words = text.Split(' ');
        List<int> places =
        [
            .. Enumerable.Range(0, words.Length).Where(i => words[i].Length >= ShortestWord && words[i].All(char.IsLetter)),
        ];
        var wanted = Math.Max(1, words.Length / WordsPerTypo);
        foreach (var place in places.OrderBy(_ => random.Next()).Take(wanted))
        {
            words[place] = Mistype(words[place], random);
        }

        return string.Join(' ', words);
    }

    /// <summary>Without capitals and without marks at the end.</summary>
    public static string LowerCase(string text) => text.ToLowerInvariant().TrimEnd('.', '?', '!', ' ');

    private static string Mistype(string word, Random random)
    {
        var at = random.Next(1, word.Length - 1);
        return random.Next(4) switch
        {
            0 => $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}",
            1 => word.Remove(at, 1),
            2 => word.Insert(at, word[at].ToString()),
            _ => s_neighbours.GetValueOrDefault(char.ToLowerInvariant(word[at])) is { } near
                ? $"{word[..at]}{near[random.Next(near.Length)]}{word[(at + 1)..]}"
                : word.Remove(at, 1),
        };
    }
}
