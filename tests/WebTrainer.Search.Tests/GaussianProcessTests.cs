using System.Text.Json;
using WebTrainer.Search.Gaussian;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Search.Tests;

public sealed class GaussianProcessTests
{
    private const double Tolerance = 1e-8;

    private static JsonElement Gold()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "bayes_opt.json")));
        return document.RootElement.GetProperty("cases")[0].Clone();
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    private static double[][] Points(JsonElement array) => [.. array.EnumerateArray().Select(Numbers)];

    [Fact]
    public void Predict_GoldWithFixedKernel_IsEqual()
    {
        var gold = Gold();
        var process = new GaussianProcess(
            new MaternKernel(1.5, [0.4, 0.7]),
            gold.GetProperty("noise_var").GetDouble(),
            Points(gold.GetProperty("X")),
            Numbers(gold.GetProperty("y"))
        );
        var (means, deviations, gains) = (
            Numbers(gold.GetProperty("mean")),
            Numbers(gold.GetProperty("std")),
            Numbers(gold.GetProperty("ei"))
        );
        foreach (var (i, point) in Points(gold.GetProperty("Z")).Index())
        {
            var (mean, deviation) = process.Predict(point);
            Assert.Equal(means[i], mean, Tolerance);
            Assert.Equal(deviations[i], deviation, Tolerance);
            var best = gold.GetProperty("best").GetDouble();
            Assert.Equal(gains[i], ExpectedImprovement.Of(mean, deviation, best), Tolerance);
            Assert.Equal(Math.Log(gains[i]), ExpectedImprovement.LogOf(mean, deviation, best), 1e-4);
        }
    }

    [Fact]
    public void LikelihoodGradient_IsTheSlopeOfTheLikelihood()
    {
        var gold = Gold();
        var (points, values) = (Points(gold.GetProperty("X")), Numbers(gold.GetProperty("y")));
        double[] at = [Math.Log(0.4), Math.Log(0.7), Math.Log(1.5), Math.Log(0.01)];
        GaussianProcess Process(double[] logs) =>
            new(new MaternKernel(Math.Exp(logs[2]), [Math.Exp(logs[0]), Math.Exp(logs[1])]), Math.Exp(logs[3]), points, values);
        var gradient = Process(at).LikelihoodGradient();
        const double Step = 1e-5;
        for (var i = 0; i < at.Length; i++)
        {
            var (up, down) = ((double[])at.Clone(), (double[])at.Clone());
            up[i] += Step;
            down[i] -= Step;
            Assert.Equal((Process(up).LogLikelihood - Process(down).LogLikelihood) / (2 * Step), gradient[i], 1e-5);
        }
    }

    [Fact]
    public void Fit_AxisThatDoesNothing_GetsTheLongerLength()
    {
        double[][] points = [.. Enumerable.Range(0, 30).Select(i => new[] { i / 29.0, i * 7 % 30 / 29.0 })];
        var process = GaussianFit.Of(points, [.. points.Select(p => Math.Sin(9 * p[0]))], [0, 1]);
        Assert.True(process.Kernel.Lengths[1] > 3 * process.Kernel.Lengths[0], string.Join(", ", process.Kernel.Lengths));
        Assert.True(process.Noise < 0.01);
    }
}
