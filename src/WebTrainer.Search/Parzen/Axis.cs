using WebTrainer.Search.Samplers;

namespace WebTrainer.Search.Parzen;

/// <summary>One parameter's kernels: one around each observation, and last the prior over all values.</summary>
internal abstract class Axis
{
    public abstract double Sample(int kernel, Draw draw);

    /// <param name="kernel">The observation's place, or their count for the prior.</param>
    /// <param name="value">As the parameter has it.</param>
    public abstract double LogDensity(int kernel, double value);

    /// <param name="parameter">Decides whether the kernels are over choices or over a range.</param>
    /// <param name="observed">The observations' values.</param>
    /// <param name="bandwidth">Width of all kernels as a share of the range; null: of each by its neighbours.</param>
    public static Axis Of(Parameter parameter, double[] observed, double? bandwidth) =>
        parameter is ChoiceParameter choice
            ? new ChoiceAxis(choice.Choices.Count, observed)
            : new NumberAxis(parameter, observed, bandwidth);
}

/// <summary>Kernels that hold to their observation's choice and give each other a little.</summary>
internal sealed class ChoiceAxis(int choices, double[] observed) : Axis
{
    public override double Sample(int kernel, Draw draw)
    {
        var left = draw.Uniform();
        for (var choice = 0; choice < choices - 1; choice++)
        {
            left -= Probability(kernel, choice);
            if (left < 0)
            {
                return choice;
            }
        }

        return choices - 1;
    }

    public override double LogDensity(int kernel, double value) => Math.Log(Probability(kernel, (int)value));

    // An observation counts 1, the prior 1 shared by all kernels and choices.
    private double Probability(int kernel, int choice)
    {
        if (kernel == observed.Length)
        {
            return 1.0 / choices;
        }

        var share = 1.0 / (observed.Length + 1);
        return (share + ((int)observed[kernel] == choice ? 1 : 0)) / (1 + share * choices);
    }
}
