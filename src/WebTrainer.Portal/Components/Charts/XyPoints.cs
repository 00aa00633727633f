using System.Runtime.InteropServices;

namespace WebTrainer.Portal.Components.Charts;

/// <summary>Points on their way to the browser: of each line its xs, then its ys, as 64-bit floats, little endian.</summary>
public static class XyPoints
{
    /// <param name="from">Of each line the first point that is sent.</param>
    public static byte[] Pack(IReadOnlyList<XySeries> series, int[] from)
    {
        var values = new List<double>();
        foreach (var (i, line) in series.Index())
        {
            values.AddRange(line.Points.Skip(from[i]).Select(p => p.X));
            values.AddRange(line.Points.Skip(from[i]).Select(p => p.Y));
        }

        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(values)).ToArray();
    }

    /// <summary>How many points each line had before, where each only grew at its end; null where anything else changed.</summary>
    public static int[]? GrownFrom(IReadOnlyList<XySeries> before, IReadOnlyList<XySeries> now) =>
        before.Count > 0
        && before.Count == now.Count
        && before.Any(s => s.Points.Count > 0)
        && before.Zip(now).All(pair => Grew(pair.First, pair.Second))
            ? [.. before.Select(s => s.Points.Count)]
            : null;

    private static bool Grew(XySeries before, XySeries now)
    {
        var count = before.Points.Count;
        return before with { Points = now.Points } == now
            && now.Points.Count >= count
            && (count == 0 || (before.Points[0] == now.Points[0] && before.Points[^1] == now.Points[count - 1]));
    }
}
