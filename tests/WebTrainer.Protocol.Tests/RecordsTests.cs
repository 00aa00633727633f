using System.Text.Json;

namespace WebTrainer.Protocol.Tests;

public sealed class RecordsTests
{
    public static TheoryData<RunEvent> Events =>
        new(
            (RunEvent[])
                [
                    new StateEvent(WorkerState.Starting) { Seq = 1, ProcessId = 7 },
                    new StepEvent(1, 10, 0.1, 2.5, 1e-3, 0.9, 100, 5000, 1 << 20, 9) { Seq = 2 },
                    new ValidationEvent(1, double.NaN) { Seq = 3 },
                    new SampleEvent(1, "row", "پرسش", "a", "b\n") { Seq = 4 },
                    new FailureEvent("The disk is full.", "Make room.") { Seq = 5 },
                ]
        );

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_WrittenAndRead_IsTheSameOnOneLine(RunEvent written)
    {
        var line = JsonSerializer.Serialize(written, ProtocolJson.Line);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(written, JsonSerializer.Deserialize<RunEvent>(line, ProtocolJson.Line));
    }

    [Fact]
    public void Spec_WrittenAndRead_GivesTheSameText()
    {
        var spec = new TrainSpec
        {
            RunId = Guid.NewGuid(),
            BaseModel = "/models/base",
            Data = new DatasetFiles { Train = new DatasetFile("/files/a", "ff", 3), Labels = ["بله", "no"] },
        };
        var text = spec.ToText();
        Assert.Equal(text, JobSpec.Read<TrainSpec>(text).ToText());
        Assert.Contains("بله", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ReportAndAnswer_FromBeforeConfidenceWasKept_AreStillRead()
    {
        var figures = JsonSerializer.Deserialize<ModelFigures>(
            """{"name":"base","kind":"base","score":0.5,"scoreLow":0.2,"scoreHigh":0.8,"answerLoss":null,"answerPerplexity":null,"generalLoss":null,"seconds":1}""",
            ProtocolJson.Line
        )!;
        Assert.Null(figures.Calibration);
        var answer = JsonSerializer.Deserialize<ExampleAnswer>(
            """{"model":"base","text":"yes","right":true,"loss":null,"tokenF1":1}""",
            ProtocolJson.Line
        )!;
        Assert.Null(answer.Confidence);
        Assert.DoesNotContain("confidence", JsonSerializer.Serialize(answer, ProtocolJson.Line), StringComparison.Ordinal);
        Assert.Equal(
            0.9,
            JsonSerializer
                .Deserialize<ExampleAnswer>(
                    JsonSerializer.Serialize(answer with { Confidence = 0.9 }, ProtocolJson.Line),
                    ProtocolJson.Line
                )!
                .Confidence
        );
    }

    [Fact]
    public void AtomicFile_FailedWrite_LeavesTheOldFile()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("webtrainer-protocol-").FullName, "spec.json");
        AtomicFile.WriteAllText(path, "old");
        Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => throw new IOException("No space left on device")));
        Assert.Equal("old", File.ReadAllText(path));
    }
}
