namespace WebTrainer.Search.Tests;

internal static class Spaces
{
    /// <summary>One of each kind, and one under a condition.</summary>
    public static SearchSpace Mixed { get; } =
        new([
            new FloatParameter("rate", 1e-5, 1e-1, Logarithmic: true),
            new IntegerParameter("rank", 1, 64, Logarithmic: true),
            new ChoiceParameter("method", ["lora", "full"]),
            new FloatParameter("dropout", 0, 0.5) { When = new ParentCondition("method", ["lora"]) },
        ]);

    public static double Bowl(IReadOnlyDictionary<string, double> point) =>
        Math.Pow(Math.Log10(point["rate"]) + 3, 2)
        + Math.Abs(point["rank"] - 16) / 16
        + point["method"]
        + Math.Abs(point.GetValueOrDefault("dropout", 0.3) - 0.1);
}
