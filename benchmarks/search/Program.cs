using System.Globalization;
using WebTrainer.Benchmarks.Search;

switch (args)
{
    case ["functions", .. var only]:
        Race.Run(only.FirstOrDefault());
        break;
    case ["banking77", var prepared, var worker, var outFolder, var seed, .. var samplers]
        when long.TryParse(seed, CultureInfo.InvariantCulture, out var number):
        new RealSearch(prepared, worker, outFolder, number, samplers).Run();
        break;
    default:
        Console.Error.WriteLine(
            "Usage: SearchBenchmarks functions [NAME] | banking77 PREPARED_FOLDER WORKER_DLL OUT_FOLDER SEED [SAMPLER…]"
        );
        return 1;
}

return 0;
