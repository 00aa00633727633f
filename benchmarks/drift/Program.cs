using System.Globalization;
using WebTrainer.Benchmarks.Drift;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var file, .. var rest] || rest.Length > 1)
{
    Console.Error.WriteLine("Usage: DriftBenchmarks banking77/train.csv [SNAPSHOTS]");
    return 1;
}

const int UsualSnapshots = 5;
var snapshots = rest.Length == 0 ? UsualSnapshots : int.Parse(rest[0], CultureInfo.InvariantCulture);
var all = BankMessages.Read(file);
new Tables(all, snapshots).Print();
return 0;
