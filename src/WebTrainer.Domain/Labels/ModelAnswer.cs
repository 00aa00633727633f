namespace WebTrainer.Domain.Labels;

/// <summary>What a model answered to a row's prompt. Annotators see the text only, never whose it is.</summary>
public sealed class ModelAnswer
{
    public Guid Id { get; private set; } = Guid.CreateVersion7();
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
    /// <param name="model">As <see cref="Model"/>.</param>
    public ModelAnswer(Guid taskId, string rowId, string model, string text, DateTimeOffset now) =>
        (TaskId, RowId, Model, Text, At) = (taskId, rowId, model, text, now);
}
