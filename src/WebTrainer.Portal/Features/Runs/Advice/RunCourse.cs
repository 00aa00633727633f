using WebTrainer.Domain.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs.Advice;

/// <summary>What a run's curves say, as far as advice needs it.</summary>
/// <param name="Validations">Steps and losses of the validations, in order.</param>
/// <param name="FirstLoss">Mean training loss of the first tenth; null where there are too few steps.</param>
/// <param name="LastLoss">Mean training loss of the last tenth.</param>
public sealed record RunCourse(
    int Steps,
    double Epochs,
    IReadOnlyList<(double Step, double Loss)> Validations,
    double? FirstLoss,
    double? LastLoss
)
{
    private const int FewestSteps = 20;

    public static RunCourse Of(IReadOnlyList<JobMetric> metrics)
    {
        var losses = Curves.Line("", 0, metrics, m => m.Loss).Points;
        var tenth = losses.Count / 10;
        var known = losses.Count >= FewestSteps;
        return new(
            metrics.Count == 0 ? 0 : metrics.Max(m => m.Step),
            metrics.Count == 0 ? 0 : metrics.Max(m => m.Epoch),
            Curves.Line("", 0, metrics, m => m.ValidationLoss).Points,
            known ? losses.Take(tenth).Average(p => p.Y) : null,
            known ? losses.TakeLast(tenth).Average(p => p.Y) : null
        );
    }
}
