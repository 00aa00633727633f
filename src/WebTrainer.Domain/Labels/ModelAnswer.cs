namespace WebTrainer.Domain.Labels;

/// <summary>What a model answered to a row's prompt. Annotators see the text only, never whose it is.</summary>
public sealed class ModelAnswer
{
    /// <summary>Of the answer alone: annotators never see whose it is.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The task in which it is compared.</summary>
    public Guid TaskId { get; private set; }

    /// <summary>Id of the row in the task's dataset version.</summary>
    public string RowId { get; private set; } = "";

    /// <summary>As the project names it: <c>run-3</c>, or the base's name; <c>dataset</c> for the row's own response.</summary>
    public string Model { get; private set; } = "";

    /// <summary>As the model wrote it; stored text, never markup.</summary>
    public string Text { get; private set; } = "";

    /// <summary>When the model answered; of an imported answer, when it came in.</summary>
    public DateTimeOffset At { get; private set; }

    private ModelAnswer() { }

    /// <summary>Keeps an answer as it came.</summary>
    /// <param name="taskId">The task in which it is compared.</param>
    /// <param name="rowId">Id of the row in the task's dataset version.</param>
    /// <param name="model">As <see cref="Model"/>.</param>
    /// <param name="text">As the model wrote it.</param>
    /// <param name="now">When the model answered, or the answer came in.</param>
    public ModelAnswer(Guid taskId, string rowId, string model, string text, DateTimeOffset now) =>
        (TaskId, RowId, Model, Text, At) = (taskId, rowId, model, text, now);
}
