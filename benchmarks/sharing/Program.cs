using System.Globalization;
using WebTrainer.Benchmarks.Sharing;
using WebTrainer.Jobs.Sharing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Jobs = 500,
    Seeds = 5;
string[] slots = ["cuda:0", "cuda:1"];
var options = new SharingOptions();
foreach (var (load, days) in new (string, double)[] { ("busy, 85 % of two devices", 6), ("too much, 125 %", 4) })
{
    Console.WriteLine($"{load}: {Demand.People} people, {Jobs} jobs, {slots.Length} devices, {days} days, {Seeds} draws");
    Console.WriteLine(
        "| queue | seed | longest wait, h | mean wait of long work, h | all done after, h | short within 30 s | short, median s | Jain | windows | start time, median error | of | yields |"
    );
    Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (var seed = 1; seed <= Seeds; seed++)
    {
        var demand = Demand.Make(Jobs, days, planError: 0.15, seed);
        Show("fair", seed, new Simulation(demand, slots, new FairQueue(options), options));
        Show("first in, first out", seed, new Simulation(demand, slots, null, options));
    }
}

static void Show(string name, int seed, Simulation simulation)
{
    var f = Figures.Of(simulation, simulation.Run());
    Console.WriteLine(
        $"| {name} | {seed} | {f.LongestWait:0.0} | {f.MeanWait:0.0} | {f.LastEnd:0.0} | {f.ShortInTime:0.0%} | {f.ShortMedian:0.0} | {f.Jain:0.00} | {f.Windows} | {(f.StartError is { } error ? $"{error:0.0%}" : "–")} | {f.Waited} | {f.Yields} |"
    );
}
