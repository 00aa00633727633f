namespace WebTrainer.Pipeline.Fairness;

/// <summary>One person or case: to which group it belongs, whether its label and prediction are favourable, and its weight.</summary>
/// <param name="Predicted">What a model said; the label itself where labels alone are audited.</param>
internal readonly record struct FairnessCase(bool Privileged, bool Favourable, bool Predicted, double Weight = 1);

/// <summary>Whether one group is favoured over another, after AIF360 (Bellamy et al., arXiv:1810.01943).</summary>
/// <remarks>
/// Differences are unprivileged − privileged, ratios unprivileged / privileged. A ratio by zero is infinite, 0 / 0 is not a number.
/// Sums are weighted, but for the entropy indices.
/// </remarks>
public sealed record FairnessMeasures
{
    /// <summary>P(favourable | unprivileged) − P(favourable | privileged); 0 is fair.</summary>
    public required double StatisticalParityDifference { get; init; }

    /// <summary>
    /// P(favourable | unprivileged) / P(favourable | privileged); 1 is fair, below 0.8 the rule of four fifths is broken.
    /// </summary>
    public required double DisparateImpact { get; init; }

    /// <summary>
    /// Difference of the rates of true positives, P(predicted favourable | favourable); 0 is fair. Null, as all below, of labels alone.
    /// </summary>
    public required double? EqualOpportunityDifference { get; init; }

    /// <summary>Mean of the differences of the rates of false and of true positives; 0 is fair.</summary>
    public required double? AverageOddsDifference { get; init; }

    /// <summary>Mean of the sizes of those differences.</summary>
    public required double? AverageAbsoluteOddsDifference { get; init; }

    /// <summary>Generalised entropy with α = 1 of b = predicted − true + 1; 0 where everybody fares alike.</summary>
    public required double? TheilIndex { get; init; }

    /// <summary>The same with α = 2: half the squared coefficient of variation of b.</summary>
    public required double? GeneralisedEntropy { get; init; }

    /// <summary>Weighted share of predictions that are the label, 0 to 1; null where labels alone were audited.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Of labels alone; what needs predictions is null.</summary>
    internal static FairnessMeasures OfLabels(IReadOnlyCollection<FairnessCase> cases)
    {
        var (unprivileged, privileged) = Rates(cases, c => c.Favourable, _ => true);
        return Of(unprivileged, privileged);
    }

    /// <summary>Of a model's predictions held against the labels.</summary>
    internal static FairnessMeasures OfPredictions(IReadOnlyCollection<FairnessCase> cases)
    {
        var (unprivileged, privileged) = Rates(cases, c => c.Predicted, _ => true);
        var truePositives = Rates(cases, c => c.Predicted, c => c.Favourable);
        var falsePositives = Rates(cases, c => c.Predicted, c => !c.Favourable);
        var opportunity = truePositives.Unprivileged - truePositives.Privileged;
        var falseAlarms = falsePositives.Unprivileged - falsePositives.Privileged;
        return Of(unprivileged, privileged) with
        {
            EqualOpportunityDifference = opportunity,
            AverageOddsDifference = (opportunity + falseAlarms) / 2,
            AverageAbsoluteOddsDifference = (Math.Abs(opportunity) + Math.Abs(falseAlarms)) / 2,
            TheilIndex = Theil(cases),
            GeneralisedEntropy = Entropy(cases),
            Accuracy = cases.Where(c => c.Predicted == c.Favourable).Sum(c => c.Weight) / cases.Sum(c => c.Weight),
        };
    }

    private static FairnessMeasures Of(double unprivileged, double privileged) =>
        new()
        {
            StatisticalParityDifference = unprivileged - privileged,
            DisparateImpact = unprivileged / privileged,
            EqualOpportunityDifference = null,
            AverageOddsDifference = null,
            AverageAbsoluteOddsDifference = null,
            TheilIndex = null,
            GeneralisedEntropy = null,
            Accuracy = null,
        };

    private static (double Unprivileged, double Privileged) Rates(
        IReadOnlyCollection<FairnessCase> cases,
        Func<FairnessCase, bool> counted,
        Func<FairnessCase, bool> among
    )
    {
        return (Rate(privileged: false), Rate(privileged: true));

        double Rate(bool privileged)
        {
            var of = cases.Where(c => c.Privileged == privileged && among(c)).ToList();
            return of.Where(counted).Sum(c => c.Weight) / of.Sum(c => c.Weight);
        }
    }

    private static double Benefit(FairnessCase c) => (c.Predicted ? 1 : 0) - (c.Favourable ? 1 : 0) + 1;

    private static double Theil(IReadOnlyCollection<FairnessCase> cases)
    {
        var mean = cases.Average(Benefit);
        return cases.Average(c => Benefit(c) / mean is var b && b > 0 ? b * Math.Log(b) : 0);
    }

    private static double Entropy(IReadOnlyCollection<FairnessCase> cases)
    {
        var mean = cases.Average(Benefit);
        return cases.Average(c => Math.Pow(Benefit(c) / mean, 2) - 1) / 2;
    }
}
