using WebTrainer.Privacy;
using WebTrainer.Privacy.Accounting;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Privacy;

/// <summary>How much noise a run needs for its budget, and what it has told of its rows so far.</summary>
public sealed class PrivacyAccount
{
    private readonly PrivacySpec _spec;
    private readonly Dictionary<string, double> _known = [];

    private PrivacyAccount(PrivacySpec spec, double delta, GaussianStep step) => (_spec, Delta, Step) = (spec, delta, step);

    /// <summary>δ that the budget holds for: that of the settings, or 1 ÷ the number of units.</summary>
    public double Delta { get; }

    /// <summary>What each step does, and how many the run is to have.</summary>
    public GaussianStep Step { get; }

    /// <summary>Before the run's first step, and again wherever it goes on: the same settings give the same noise.</summary>
    /// <param name="spec">With a budget.</param>
    /// <param name="units">Rows or groups that are protected.</param>
    /// <param name="sampleRate">Chance of each to be in a step.</param>
    /// <param name="steps">Of the whole run.</param>
    /// <exception cref="InvalidDataException">No noise keeps the budget; the message says what to change.</exception>
    public static PrivacyAccount Open(PrivacySpec spec, int units, double sampleRate, int steps)
    {
        var delta = spec.Delta > 0 ? spec.Delta : 1.0 / Math.Max(2, units);
        try
        {
            var noise =
                spec.NoiseMultiplier > 0
                    ? spec.NoiseMultiplier
                    : NoiseSolver.NoiseFor(spec.Epsilon, delta, sampleRate, steps, epsilonOf: ledger => Epsilon(spec, ledger, delta));
            return new(spec, delta, new GaussianStep(sampleRate, noise, steps).Checked());
        }
        catch (PrivacyProblemException problem)
        {
            throw new InvalidDataException("The privacy budget can't be kept. " + problem.Message, problem);
        }
    }

    /// <summary>ε of what was done.</summary>
    /// <param name="done">So far, as a checkpoint keeps it.</param>
    public double Epsilon(PrivacyLedger done)
    {
        if (done.Done.Count == 0)
        {
            return 0;
        }

        // A second by the distribution of the loss, and the same question comes back: whether all fits, and what was spent at the end.
        var key = done.ToJson();
        return _known.TryGetValue(key, out var known) ? known : _known[key] = Epsilon(_spec, done, Delta);
    }

    /// <summary>The account after more steps.</summary>
    /// <param name="done">So far.</param>
    /// <param name="steps">0 or more.</param>
    public PrivacyLedger After(PrivacyLedger done, int steps) => steps == 0 ? done : done.With(Step with { Steps = steps });

    /// <summary>How many of the steps that are left the budget has room for.</summary>
    /// <param name="done">So far.</param>
    /// <param name="left">Steps that the run is yet to do.</param>
    public int StepsWithin(PrivacyLedger done, int left)
    {
        bool Fits(int steps) => Epsilon(After(done, steps)) <= _spec.Epsilon;
        if (Fits(left))
        {
            return left;
        }

        var (fits, passes) = (0, left);
        while (passes - fits > 1)
        {
            var middle = fits + ((passes - fits) / 2);
            (fits, passes) = Fits(middle) ? (middle, passes) : (fits, middle);
        }

        return fits;
    }

    private static double Epsilon(PrivacySpec spec, PrivacyLedger ledger, double delta) =>
        spec.Accountant == PrivacyAccountant.Rdp ? ledger.RdpEpsilon(delta) : ledger.Epsilon(delta);
}
