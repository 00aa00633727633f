namespace WebTrainer.Scoring.Scorers;

/// <summary>
/// TER (Snover et al., AMTA 2006): insertions, deletions, substitutions and moves of word runs, each counted once, over the words of the
/// right answer. Lower is better. Conventions and limits of sacrebleu: lower case, words parted by white space, greedy search for moves.
/// </summary>
public static class TranslationEditRate
{
    private const int LongestMove = 10,
        FarthestMove = 50,
        MostCandidates = 1000,
        BeamWidth = 25;
    private const int Unreached = 1_000_000_000;

    private enum Edit
    {
        None,
        Keep,
        Substitute,
        Insert,
        Delete,
    }

    /// <returns>Edits over words, 0 and up (sacrebleu prints it times 100).</returns>
    public static double Score(IEnumerable<(string Answer, string Expected)> pairs)
    {
        return Rate(pairs.Select(pair => Count(pair.Answer, pair.Expected)));
    }

    /// <summary>The same of pairs that were counted before.</summary>
    public static double Rate(IEnumerable<(long Edits, long Words)> counts)
    {
        var (edits, words) = (0L, 0L);
        foreach (var count in counts)
        {
            (edits, words) = (edits + count.Edits, words + count.Words);
        }

        return words > 0 ? (double)edits / words
            : edits > 0 ? 1
            : 0;
    }

    /// <summary>Edits that one answer needs, and words of its right answer.</summary>
    public static (long Edits, long Words) Count(string answer, string expected)
    {
        var (given, right) = (Words(answer), Words(expected));
        return (right.Length == 0 ? given.Length : Edits(given, right), right.Length);
    }

    private static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static int Edits(string[] given, string[] right)
    {
        var (moves, candidates) = (0, 0);
        while (true)
        {
            var (gain, moved) = BestMove(given, right, ref candidates);
            if (candidates >= MostCandidates || gain <= 0)
            {
                return moves + Distance(given, right).Cost;
            }

            moves++;
            given = moved;
        }
    }

    /// <summary>The move that saves most edits; of equal ones the longest, then the one nearest to the beginning.</summary>
    private static (int Gain, string[] Words) BestMove(string[] given, string[] right, ref int candidates)
    {
        var (cost, path) = Distance(given, right);
        var alignment = new Alignment(path, given.Length, right.Length);
        (int Gain, int Length, int Start, int Target, string[] Words)? best = null;
        foreach (var (from, to, length) in EqualRuns(given, right))
        {
            if (alignment.IsRight(from, to, length))
            {
                continue;
            }

            var before = -1;
            for (var offset = -1; offset < length; offset++)
            {
                if (to + offset >= right.Length)
                {
                    break;
                }

                var target = to + offset < 0 ? 0 : alignment.Of[to + offset] + 1;
                if (target == before)
                {
                    continue;
                }

                before = target;
                var moved = Move(given, from, length, target);
                var candidate = (cost - Distance(moved, right).Cost, length, -from, -target, moved);
                candidates++;
                if (
                    best is null
                    || (candidate.Item1, candidate.length, candidate.Item3, candidate.Item4).CompareTo(
                        (best.Value.Gain, best.Value.Length, best.Value.Start, best.Value.Target)
                    ) > 0
                )
                {
                    best = candidate;
                }
            }

            if (candidates >= MostCandidates)
            {
                break;
            }
        }

        return best is { } found ? (found.Gain, found.Words) : (0, given);
    }

    private static IEnumerable<(int From, int To, int Length)> EqualRuns(string[] given, string[] right)
    {
        for (var from = 0; from < given.Length; from++)
        {
            for (var to = 0; to < right.Length; to++)
            {
                for (
                    var length = 0;
                    Math.Abs(to - from) <= FarthestMove
                        && length < LongestMove
                        && from + length < given.Length
                        && to + length < right.Length
                        && string.Equals(given[from + length], right[to + length], StringComparison.Ordinal);

                )
                {
                    yield return (from, to, ++length);
                }
            }
        }
    }

    private static string[] Move(string[] words, int start, int length, int target)
    {
        string[] run = words[start..(start + length)],
            rest = [.. words[..start], .. words[(start + length)..]];
        var place =
            target < start ? target
            : target > start + length ? target - length
            : Math.Min(target, rest.Length);
        return [.. rest[..place], .. run, .. rest[place..]];
    }

    /// <summary>Edits from the answer to the right one, near the diagonal only, and how.</summary>
    private static (int Cost, List<Edit> Path) Distance(string[] given, string[] right)
    {
        var ratio = given.Length > 0 ? (double)right.Length / given.Length : 1;
        var beam = ratio / 2 > BeamWidth ? (int)Math.Ceiling((ratio / 2) + BeamWidth) : BeamWidth;
        var cells = new (int Cost, Edit Edit)[given.Length + 1, right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            cells[0, j] = (j, Edit.Insert);
        }

        for (var i = 1; i <= given.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                cells[i, j] = (Unreached, Edit.None);
            }

            var diagonal = (int)Math.Floor(i * ratio);
            var end = i == given.Length ? right.Length + 1 : Math.Min(right.Length + 1, diagonal + beam);
            for (var j = Math.Max(0, diagonal - beam); j < end; j++)
            {
                Fill(cells, i, j, given, right);
            }
        }

        return (cells[given.Length, right.Length].Cost, PathOf(cells));
    }

    private static void Fill((int Cost, Edit Edit)[,] cells, int i, int j, string[] given, string[] right)
    {
        if (j == 0)
        {
            cells[i, j] = (cells[i - 1, j].Cost + 1, Edit.Delete);
            return;
        }

        var same = string.Equals(given[i - 1], right[j - 1], StringComparison.Ordinal);
        Offer(cells[i - 1, j - 1].Cost + (same ? 0 : 1), same ? Edit.Keep : Edit.Substitute);
        Offer(cells[i - 1, j].Cost + 1, Edit.Delete);
        Offer(cells[i, j - 1].Cost + 1, Edit.Insert);

        void Offer(int cost, Edit edit)
        {
            if (cost < cells[i, j].Cost)
            {
                cells[i, j] = (cost, edit);
            }
        }
    }

    private static List<Edit> PathOf((int Cost, Edit Edit)[,] cells)
    {
        var path = new List<Edit>();
        for (int i = cells.GetLength(0) - 1, j = cells.GetLength(1) - 1; i > 0 || j > 0; )
        {
            var edit = cells[i, j].Edit;
            path.Add(edit);
            i -= edit == Edit.Insert ? 0 : 1;
            j -= edit == Edit.Delete ? 0 : 1;
        }

        path.Reverse();
        return path;
    }

    /// <summary>Which word of the answer stands for which of the right one, and where the two differ.</summary>
    private sealed class Alignment
    {
        private readonly bool[] _givenErrors,
            _rightErrors;

        public Alignment(List<Edit> path, int given, int right)
        {
            (_givenErrors, _rightErrors, Of) = (new bool[given], new bool[right], new int[right]);
            var (i, j) = (-1, -1);
            foreach (var edit in path)
            {
                if (edit != Edit.Insert)
                {
                    _givenErrors[++i] = edit != Edit.Keep;
                }

                if (edit == Edit.Delete)
                {
                    continue;
                }

                _rightErrors[++j] = edit != Edit.Keep;
                Of[j] = i;
            }
        }

        /// <summary>Place in the answer of each word of the right one; of a missing word, that before it.</summary>
        public int[] Of { get; }

        /// <summary>Nothing to be gained: one side has no error there, or the run stands where it belongs.</summary>
        public bool IsRight(int from, int to, int length) =>
            !_givenErrors.AsSpan(from, length).Contains(value: true)
            || !_rightErrors.AsSpan(to, length).Contains(value: true)
            || (from <= Of[to] && Of[to] < from + length);
    }
}
