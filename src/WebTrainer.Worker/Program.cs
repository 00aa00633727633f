using System.Runtime.InteropServices;
using WebTrainer.Learning;
using WebTrainer.Worker;

NativeEnvironment.Prepare();
using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};
using var terminated = PosixSignalRegistration.Create(
    PosixSignal.SIGTERM,
    signal =>
    {
        signal.Cancel = true;
        cancellation.Cancel();
    }
);
var options = CommandLine.Options(args.Skip(1));
return args.FirstOrDefault() switch
{
    "run" when args.Length == 2 => RunCommand.Run(args[1], cancellation.Token),
    "pretrain" => PretrainCommand.Run(options, cancellation.Token),
    _ => CommandLine.Usage(),
};
