using System.Globalization;
using WebTrainer.Benchmarks.Drift;
using WebTrainer.Benchmarks.Making;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var train, var test])
{
    Console.Error.WriteLine("Usage: MakingBenchmarks banking77/train.csv banking77/test.csv");
    return 1;
}

await new Measure(BankMessages.Read(train), BankMessages.Read(test)).PrintAsync();
return 0;
