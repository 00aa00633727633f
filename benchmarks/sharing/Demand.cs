using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Benchmarks.Sharing;

/// <summary>A job as the simulation knows it; the queue is only told what a portal would know.</summary>
/// <param name="Comes">After the beginning.</param>
/// <param name="Seconds">That it really takes.</param>
/// <param name="PlannedSeconds">That its plan says.</param>
internal sealed record SimulatedJob(Guid Id, Sharer Who, TimeSpan Comes, double Seconds, double PlannedSeconds)
{
    public const double ShortSeconds = 600;

    public bool IsShort => PlannedSeconds <= ShortSeconds;
}

/// <summary>
/// What 20 people of 5 projects ask for: half of it evaluations of a few minutes, half runs of an hour's order, more of them by day, and
/// most
/// by few: person k asks in proportion to 1/k (Zipf), as in logs of shared clusters.
/// </summary>
internal static class Demand
{
    public const int People = 20,
        Projects = 5;

    /// <param name="jobs">How many in all.</param>
    /// <param name="days">In which they come.</param>
    /// <param name="planError">Standard deviation of the logarithm of planned over real seconds.</param>
    public static List<SimulatedJob> Make(int jobs, double days, double planError, int seed)
    {
        var random = new Random(seed);
        var weights = Enumerable.Range(1, People).Select(k => 1.0 / k).ToArray();
        return
        [
            .. Enumerable
                .Range(0, jobs)
                .Select(_ =>
                {
                    var person = Draw(random, weights);
                    var seconds =
                        random.Next(2) == 0
                            ? Math.Min(Lognormal(random, 120, 0.6), 0.8 * SimulatedJob.ShortSeconds)
                            : Math.Max(Lognormal(random, 2400, 0.8), 900);
                    return new SimulatedJob(
                        NewId(random),
                        new Sharer(new Guid((person % Projects) + 1, 0, 0, new byte[8]), $"person {person + 1}"),
                        Comes(random, days),
                        seconds,
                        seconds * Math.Exp(planError * Normal(random))
                    );
                })
                .OrderBy(job => job.Comes),
        ];
    }

    /// <summary>Three quarters between 8 and 18 o'clock.</summary>
    private static TimeSpan Comes(Random random, double days)
    {
        var day = Math.Floor(random.NextDouble() * days);
        var hour = random.Next(4) > 0 ? 8 + (10 * random.NextDouble()) : 24 * random.NextDouble();
        return TimeSpan.FromDays(day) + TimeSpan.FromHours(hour);
    }

    private static int Draw(Random random, double[] weights)
    {
        var at = random.NextDouble() * weights.Sum();
        var index = 0;
        while (index < weights.Length - 1 && (at -= weights[index]) >= 0)
        {
            index++;
        }

        return index;
    }

    private static Guid NewId(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static double Lognormal(Random random, double median, double sigma) => median * Math.Exp(sigma * Normal(random));

    /// <summary>Box-Muller.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
