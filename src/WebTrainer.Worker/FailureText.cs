using System.Text.Json;
using WebTrainer.Learning;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Worker;

/// <summary>Says what ended a run in a sentence for its owner, and what to try.</summary>
internal static class FailureText
{
    public static FailureEvent Describe(Exception thrown) => Describe(thrown, RootCause.Of(thrown));

    private static FailureEvent Describe(Exception thrown, Exception exception) =>
        exception switch
        {
            DivergedException diverged => new(
                $"Training diverged at step {diverged.Step}{(diverged.Where is { } part ? $", first seen in {part}" : "")}: the loss is no longer a finite number.",
                "Lower the learning rate, or lengthen the warm-up, and start again; look at the rows of that step if it happens again.",
                exception.Message
            ),
            RelapsedException => new(
                exception.Message,
                "Look whether the labels of the training rows contradict each other, and try a learning rate a tenth as high, or a head that learns alone."
            ),
            NoRoomException noRoom => new(noRoom.Message, noRoom.Advice),
            DataException => new(exception.Message, "Publish the dataset again and start a new run."),
            ModelFileException => new(exception.Message, "Choose another base model or adapter, or repair its files."),
            JsonException => new($"spec.json can't be read: {exception.Message}"),
            InvalidDataException => new(exception.Message),
            IOException full when FullDisk.Caused(full) => new(
                "The disk is full.",
                "Free some space; the run goes on from its last checkpoint when it is started again.",
                exception.Message
            ),
            IOException or UnauthorizedAccessException => new(
                $"A file could not be read or written: {exception.Message}",
                Detail: exception.GetType().Name
            ),
            _ when OutOfMemory.Caused(exception) => LackOfMemory(exception),
            _ => new($"The worker met a fault of its own: {exception.Message.Split('\n')[0]}", Detail: thrown.ToString()),
        };

    private static FailureEvent LackOfMemory(Exception exception) =>
        new(
            "There is not enough memory for this run.",
            "Even one row at a time doesn't fit: turn on gradient checkpointing, shorten the context, or choose QLoRA or a smaller base.",
            exception.Message.Split('\n')[0]
        );
}
