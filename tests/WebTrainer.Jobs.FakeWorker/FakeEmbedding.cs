using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Jobs.FakeWorker;

/// <summary>
/// Leaves a vector of the lengths of each text's line; <c>failing</c> says why not, <c>hanging</c> tells that it is half done and never
/// ends.
/// </summary>
internal static class FakeEmbedding
{
    public static int Run(RunFolder folder, EmbedSpec spec)
    {
        if (spec.BaseModel == "failing")
        {
            return FakePlan.Fail(folder);
        }

        var lines = File.ReadAllLines(folder.Texts);
        using (var log = new EventLog(folder))
        {
            log.Write(new ProgressEvent("Making vectors", 1, 2, 1));
        }

        if (spec.BaseModel == "hanging")
        {
            Thread.Sleep(Timeout.Infinite);
        }

        File.WriteAllBytes(folder.Vectors, [.. lines.Select(line => (byte)line.Length)]);
        AtomicFile.WriteAllText(
            folder.VectorFacts,
            JsonSerializer.Serialize(new TextVectors(lines.Length, 1, 0, 8), ProtocolJson.Document)
        );
        return 0;
    }
}
