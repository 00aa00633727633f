namespace WebTrainer.Portal.Components.Charts;

/// <summary>One upright axis.</summary>
/// <param name="Marks">Where its labels stand, 0 below to 1 above.</param>
public sealed record ParallelAxis(string Name, string Label, IReadOnlyList<(double At, string Text)> Marks);

/// <summary>One line through the axes.</summary>
/// <param name="At">Where it crosses each axis, 0 to 1; null where it has no value.</param>
/// <param name="Shade">0 the best, 1 the worst; null: it has no result.</param>
public sealed record ParallelLine(string Id, string Text, IReadOnlyList<double?> At, double? Shade)
{
    /// <summary>Of its own; null: by its shade.</summary>
    public string? Color { get; init; }
}

/// <summary>The part of an axis within which lines stay, 0 to 1.</summary>
public sealed record Brush(double Low, double High)
{
    public bool Holds(double? at) => at >= Low && at <= High;

    /// <summary>Reads <c>name:0.25-0.5</c> of an address; null where it is none.</summary>
    public static (string Axis, Brush Brush)? Read(string text)
    {
        var split = text.LastIndexOf(':');
        if (split <= 0 || text[(split + 1)..].Split('-') is not [var from, var to])
        {
            return null;
        }

        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        return
            double.TryParse(from, System.Globalization.NumberStyles.Float, invariant, out var low)
            && double.TryParse(to, System.Globalization.NumberStyles.Float, invariant, out var high)
            && low <= high
            ? (text[..split], new Brush(low, high))
            : null;
    }

    public string Write(string axis) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{axis}:{Low:0.###}-{High:0.###}");
}
