namespace WebTrainer.Portal.Components.Charts;

/// <summary>Where values stand on an axis, 0 at its beginning and 1 at its end, with marks at round numbers.</summary>
public sealed record XyScale(double Low, double High, IReadOnlyList<(double At, string Text)> Marks)
{
    public double At(double value) => High > Low ? (value - Low) / (High - Low) : 0.5;

    /// <param name="highest">Where the values end at most, whatever is among them; null: at the highest.</param>
    public static XyScale Of(IEnumerable<double> values, double? highest = null)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), Math.Min(finite.Max(), highest ?? double.PositiveInfinity));
        if (high <= low)
        {
            (low, high) = (low - Math.Max(0.5, Math.Abs(low) * 0.1), low + Math.Max(0.5, Math.Abs(low) * 0.1));
        }

        var distance = AxisScale.DistanceOf([low, high]);
        if (finite.TrueForAll(double.IsInteger))
        {
            distance = Math.Max(1, distance); // of trials and steps there are no halves
        }

        (low, high) = (Math.Floor(low / distance) * distance, Math.Ceiling(high / distance) * distance);
        var count = (int)Math.Round((high - low) / distance);
        var scale = new XyScale(low, high, []);
        return scale with
        {
            Marks =
            [
                .. Enumerable
                    .Range(0, count + 1)
                    .Select(i => low + i * distance)
                    .Select(v => (scale.At(v), AxisScale.Write(Math.Round(v / distance) * distance))),
            ],
        };
    }
}
