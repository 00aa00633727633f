using System.Globalization;
using WebTrainer.Benchmarks.Drift;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var file, .. var rest] || rest.Length > 2)
{
    Console.Error.WriteLine("Usage: DriftBenchmarks banking77/train.csv [SNAPSHOTS [FOLDER_OF_AN_ENCODER]]");
    return 1;
}

const int UsualSnapshots = 5;
var snapshots = rest.Length == 0 ? UsualSnapshots : int.Parse(rest[0], CultureInfo.InvariantCulture);
new Tables(BankMessages.Read(file), snapshots, rest is [_, var encoder] ? new EncoderVectors(encoder) : null).Print();
return 0;
