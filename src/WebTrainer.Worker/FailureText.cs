using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Worker;

/// <summary>Says what ended a run in a sentence for its owner, and what to try.</summary>
internal static class FailureText
{
    private const int DiskFull = unchecked((int)0x80070070), NoSpaceLeft = 28;

    public static FailureEvent Describe(Exception exception) => exception switch
    {
        DivergedException diverged => new(
            $"Training diverged at step {diverged.Step}: the loss is no longer a finite number.",
            "Lower the learning rate, or lengthen the warm-up, and start again.",
            exception.Message),
        DataException => new(exception.Message, "Publish the dataset again and start a new run."),
        ModelFileException => new(exception.Message, "Choose another base model or adapter, or repair its files."),
        JsonException => new($"spec.json can't be read: {exception.Message}"),
        InvalidDataException => new(exception.Message),
        IOException when (exception.HResult & 0xFFFF) == NoSpaceLeft || exception.HResult == DiskFull => new(
            "The disk is full.", "Free some space; the run goes on from its last checkpoint when it is started again.", exception.Message),
        IOException or UnauthorizedAccessException => new($"A file could not be read or written: {exception.Message}", Detail: exception.GetType().Name),
        OutOfMemoryException => OutOfMemory(exception),
        ExternalException when exception.Message.Contains("memory", StringComparison.OrdinalIgnoreCase) => OutOfMemory(exception),
        _ => new($"The worker met a fault of its own: {exception.Message.Split('\n')[0]}", Detail: exception.ToString()),
    };

    private static FailureEvent OutOfMemory(Exception exception) =>
        new("There is not enough memory for this run.", "Use smaller micro-batches with more accumulation, or a shorter context.", exception.Message.Split('\n')[0]);
}
