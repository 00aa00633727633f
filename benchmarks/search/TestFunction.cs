using WebTrainer.Search;

namespace WebTrainer.Benchmarks.Search;

/// <summary>A published function with a known minimum, on its usual domain.</summary>
/// <param name="Source">Where it is from.</param>
internal sealed record TestFunction(
    string Name,
    string Source,
    double Minimum,
    SearchSpace Space,
    Func<IReadOnlyDictionary<string, double>, double> Of
)
{
    private static readonly double[] s_hartmannWeights = [1, 1.2, 3, 3.2];

    private static readonly double[][] s_hartmannShapes =
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ];

    private static readonly double[][] s_hartmannCentres =
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];

    public static IReadOnlyList<TestFunction> All { get; } =
    [
        new(
            "Branin",
            "Branin 1972; gold",
            0.397887,
            new SearchSpace([new FloatParameter("x0", -5, 10), new FloatParameter("x1", 0, 15)]),
            p => Branin(p["x0"], p["x1"])
        ),
        new(
            "log-quadratic",
            "gold",
            0,
            new SearchSpace([new FloatParameter("x", 1e-6, 1e-1, Logarithmic: true), new FloatParameter("z", 0, 1)]),
            p => Math.Pow(Math.Log10(p["x"]) + 3.7, 2) + Math.Pow(p["z"] - 0.23, 2)
        ),
        Vector("six-hump camel", "Dixon and Szegő 1978", -1.031628, [(-3, 3), (-2, 2)], Camel),
        Vector("Hartmann, 6 axes", "Dixon and Szegő 1978", -3.322368, [.. Enumerable.Repeat((0.0, 1.0), 6)], Hartmann),
        Vector("Ackley, 3 axes", "Ackley 1987", 0, [.. Enumerable.Repeat((-32.768, 32.768), 3)], Ackley),
        Vector("Rosenbrock, 4 axes", "Rosenbrock 1960", 0, [.. Enumerable.Repeat((-5.0, 10.0), 4)], Rosenbrock),
        Vector("Levy, 4 axes", "Laguna and Martí 2005", 0, [.. Enumerable.Repeat((-10.0, 10.0), 4)], Levy),
        Vector(
            "Styblinski-Tang, 3 axes",
            "Styblinski and Tang 1990",
            -39.16617 * 3,
            [.. Enumerable.Repeat((-5.0, 5.0), 3)],
            x => x.Sum(v => Math.Pow(v, 4) - 16 * v * v + 5 * v) / 2
        ),
        new(
            "Branin or camel, by a choice",
            "the two above under one condition, the camel raised by 2",
            0.397887,
            new SearchSpace([
                new ChoiceParameter("function", ["branin", "camel"]),
                new FloatParameter("x0", -5, 10) { When = new ParentCondition("function", ["branin"]) },
                new FloatParameter("x1", 0, 15) { When = new ParentCondition("function", ["branin"]) },
                new IntegerParameter("n0", -3, 3) { When = new ParentCondition("function", ["camel"]) },
                new FloatParameter("y1", -2, 2) { When = new ParentCondition("function", ["camel"]) },
            ]),
            p => p["function"] == 0 ? Branin(p["x0"], p["x1"]) : Camel([p["n0"], p["y1"]]) + 2
        ),
    ];

    private static TestFunction Vector(
        string name,
        string source,
        double minimum,
        (double Low, double High)[] axes,
        Func<double[], double> of
    ) =>
        new(
            name,
            source,
            minimum,
            new SearchSpace([.. axes.Select((axis, i) => new FloatParameter($"x{i}", axis.Low, axis.High))]),
            p => of([.. Enumerable.Range(0, axes.Length).Select(i => p[$"x{i}"])])
        );

    private static double Branin(double x, double y) =>
        Math.Pow(y - 5.1 / (4 * Math.PI * Math.PI) * x * x + 5 / Math.PI * x - 6, 2) + 10 * (1 - 1 / (8 * Math.PI)) * Math.Cos(x) + 10;

    private static double Camel(double[] x) =>
        (4 - 2.1 * x[0] * x[0] + Math.Pow(x[0], 4) / 3) * x[0] * x[0] + x[0] * x[1] + (-4 + 4 * x[1] * x[1]) * x[1] * x[1];

    private static double Hartmann(double[] x) =>
        -Enumerable
            .Range(0, 4)
            .Sum(i =>
                s_hartmannWeights[i]
                * Math.Exp(-x.Select((v, j) => s_hartmannShapes[i][j] * Math.Pow(v - s_hartmannCentres[i][j], 2)).Sum())
            );

    private static double Ackley(double[] x) =>
        -20 * Math.Exp(-0.2 * Math.Sqrt(x.Average(v => v * v))) - Math.Exp(x.Average(v => Math.Cos(2 * Math.PI * v))) + 20 + Math.E;

    private static double Rosenbrock(double[] x) =>
        Enumerable.Range(0, x.Length - 1).Sum(i => 100 * Math.Pow(x[i + 1] - x[i] * x[i], 2) + Math.Pow(x[i] - 1, 2));

    private static double Levy(double[] x)
    {
        var w = x.Select(v => 1 + (v - 1) / 4).ToArray();
        return Math.Pow(Math.Sin(Math.PI * w[0]), 2)
            + w.SkipLast(1).Sum(v => Math.Pow(v - 1, 2) * (1 + 10 * Math.Pow(Math.Sin(Math.PI * v + 1), 2)))
            + Math.Pow(w[^1] - 1, 2) * (1 + Math.Pow(Math.Sin(2 * Math.PI * w[^1]), 2));
    }
}
