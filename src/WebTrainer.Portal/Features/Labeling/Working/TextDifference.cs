using System.Text.RegularExpressions;

namespace WebTrainer.Portal.Features.Labeling;

public enum DifferenceKind
{
    Same,
    Added,
    Removed,
}

public sealed record DifferencePiece(DifferenceKind Kind, string Text);

/// <summary>What changed between two texts, word by word: the longest common subsequence stays.</summary>
public static partial class TextDifference
{
    /// <summary>Beyond this the table would take too long between two key strokes; the texts are then shown as replaced.</summary>
    private const int MostCells = 1_000_000;

    public static IReadOnlyList<DifferencePiece> Of(string before, string after)
    {
        var (a, b) = (Words(before), Words(after));
        if ((long)a.Count * b.Count > MostCells)
        {
            return [new(DifferenceKind.Removed, before), new(DifferenceKind.Added, after)];
        }

        var lengths = new int[a.Count + 1, b.Count + 1];
        for (var i = a.Count - 1; i >= 0; i--)
        {
            for (var j = b.Count - 1; j >= 0; j--)
            {
                lengths[i, j] = a[i] == b[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }

        return Merge(Walk(a, b, lengths));
    }

    private static IEnumerable<DifferencePiece> Walk(List<string> a, List<string> b, int[,] lengths)
    {
        var (i, j) = (0, 0);
        while (i < a.Count || j < b.Count)
        {
            if (i < a.Count && j < b.Count && a[i] == b[j])
            {
                yield return new(DifferenceKind.Same, a[i]);
                (i, j) = (i + 1, j + 1);
            }
            else if (j >= b.Count || i < a.Count && lengths[i + 1, j] >= lengths[i, j + 1])
            {
                yield return new(DifferenceKind.Removed, a[i++]);
            }
            else
            {
                yield return new(DifferenceKind.Added, b[j++]);
            }
        }
    }

    private static List<DifferencePiece> Merge(IEnumerable<DifferencePiece> pieces)
    {
        var merged = new List<DifferencePiece>();
        foreach (var piece in pieces)
        {
            if (merged.Count > 0 && merged[^1].Kind == piece.Kind)
            {
                merged[^1] = merged[^1] with { Text = merged[^1].Text + piece.Text };
            }
            else
            {
                merged.Add(piece);
            }
        }

        return merged;
    }

    private static List<string> Words(string text) => [.. Word().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\s+|[^\s]+", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
