using System.Globalization;

namespace WebTrainer.Pipeline.Vectors.Maps;

/// <summary>
/// A part of a map, as it stands in an address: <c>cluster-3</c>, or the corners of a shape as <c>12,40_80,41_50,90</c> in the map's units.
/// </summary>
public sealed class MapArea
{
    /// <summary>Corners of a shape at most: an address must stay short.</summary>
    public const int MostCorners = 64;

    private const string ClusterPrefix = "cluster-";
    private readonly (float X, float Y)[] _corners;

    private MapArea(int? cluster, (float X, float Y)[] corners) => (Cluster, _corners) = (cluster, corners);

    /// <summary>Number of the cluster; null for a shape.</summary>
    public int? Cluster { get; }

    /// <returns>Null where the text is no area.</returns>
    public static MapArea? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.StartsWith(ClusterPrefix, StringComparison.Ordinal))
        {
            return int.TryParse(text.AsSpan(ClusterPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var cluster)
                ? new MapArea(cluster, [])
                : null;
        }

        var corners = text.Split('_').Select(Corner).ToArray();
        return corners.Length is < 3 or > MostCorners || corners.Contains(null)
            ? null
            : new MapArea(null, [.. corners.Select(c => c!.Value)]);
    }

    /// <summary>Address of a cluster.</summary>
    public static string OfCluster(int cluster) => string.Create(CultureInfo.InvariantCulture, $"{ClusterPrefix}{cluster}");

    /// <summary>Whether a point lies in the shape: a ray from it meets its edges an odd number of times.</summary>
    public bool Holds(float x, float y)
    {
        var inside = false;
        for (int i = 0, j = _corners.Length - 1; i < _corners.Length; j = i++)
        {
            var (a, b) = (_corners[i], _corners[j]);
            if (a.Y > y != b.Y > y && x < ((b.X - a.X) * (y - a.Y) / (b.Y - a.Y)) + a.X)
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static (float X, float Y)? Corner(string text) =>
        text.Split(',') is [var x, var y]
        && float.TryParse(x, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left)
        && float.TryParse(y, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var top)
            ? (left, top)
            : null;
}
