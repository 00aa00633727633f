using System.Text.Json;
using WebTrainer.Jobs.FakeWorker;
using WebTrainer.Protocol;

if (args is not ["run", var root])
{
    return 2;
}

var folder = new RunFolder(root);
using var lease = new FileStream(folder.Lease, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
var spec = JsonSerializer.Deserialize<RunSpec>(File.ReadAllText(folder.Spec), ProtocolJson.Document)!;
Directory.CreateDirectory(folder.Output);
return spec.Kind switch
{
    JobKind.Train => new FakeTraining(folder, spec).Run(),
    JobKind.Evaluate => FakeEvaluation.Run(folder, spec),
    JobKind.Plan => FakePlan.Run(folder, spec),
    JobKind.Embed => FakeEmbedding.Run(folder, spec),
    JobKind.Serve => await FakeServer.RunAsync(folder, spec),
    _ => 2,
};
