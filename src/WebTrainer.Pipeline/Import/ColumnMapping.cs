namespace WebTrainer.Pipeline.Import;

/// <summary>What the rows of a file are.</summary>
public enum DataShape
{
    /// <summary>A text and the class it belongs to.</summary>
    Label,

    /// <summary>A question and its answer.</summary>
    PromptCompletion,

    /// <summary><c>instruction</c>, <c>input</c>, <c>output</c>; the last two perhaps in a list of instances.</summary>
    Alpaca,

    /// <summary><c>conversations</c> of <c>from</c> and <c>value</c>.</summary>
    ShareGpt,

    /// <summary><c>messages</c> of <c>role</c> and <c>content</c>.</summary>
    Chat,

    /// <summary>
    /// A prompt with the answer that people prefer and the one they don't (DPO); or two conversations, whose common beginning is the
    /// prompt.
    /// </summary>
    Preference,

    /// <summary>A conversation, or a prompt and an answer, and whether the answer is wanted (KTO).</summary>
    Kto,
}

/// <summary>Which field of a file is which part of a row: proposed by looking, corrected by a person.</summary>
public sealed record ColumnMapping
{
    /// <summary>What the rows are, which says which of the other fields are needed (<see cref="Check"/>).</summary>
    public required DataShape Shape { get; init; }

    /// <summary>The question (<see cref="DataShape.PromptCompletion"/>) or instruction (<see cref="DataShape.Alpaca"/>).</summary>
    public string? Prompt { get; init; }

    /// <summary>What the instruction is applied to; set after it, apart by an empty line.</summary>
    public string? Input { get; init; }

    /// <summary>What was said before the prompt, a list of questions with their answers (<see cref="DataShape.Alpaca"/>).</summary>
    public string? History { get; init; }

    /// <summary>The answer to learn.</summary>
    public string? Response { get; init; }

    /// <summary>What the model is told before the conversation; rows in which it is empty get no system message.</summary>
    public string? System { get; init; }

    /// <summary>The text that <see cref="DataShape.Label"/> classifies.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// The second text of <see cref="DataShape.Label"/> where rows are pairs, such as a hypothesis for a premise; read behind the first.
    /// </summary>
    public string? Pair { get; init; }

    /// <summary>The class; its text is also the answer of a <see cref="DataShape.Label"/> row.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// Writes labels as words, <c>card_arrival</c> as <c>card arrival</c>: fewer tokens, and words that the model knows from the texts.
    /// </summary>
    public bool LabelsAsWords { get; init; }

    /// <summary>The list of messages of <see cref="DataShape.ShareGpt"/> and <see cref="DataShape.Chat"/>.</summary>
    public string? Messages { get; init; }

    /// <summary>A list of objects in which <see cref="Input"/> and <see cref="Response"/> lie (<see cref="DataShape.Alpaca"/>).</summary>
    public string? Instances { get; init; }

    /// <summary>Makes a row of each instance; otherwise only the first one counts.</summary>
    public bool RowPerInstance { get; init; }

    /// <summary>The answer that people don't want (<see cref="DataShape.Preference"/>).</summary>
    public string? Rejected { get; init; }

    /// <summary>Whether the answer is wanted, true or false (<see cref="DataShape.Kto"/>).</summary>
    public string? Desired { get; init; }

    /// <summary>Fields kept beside the texts: groups to audit by, ratings, sources.</summary>
    public IReadOnlyList<string> Extra { get; init; } = [];

    /// <summary>Set before each text of <see cref="DataShape.Label"/>, for example <c>Classify the message.</c>; may be empty.</summary>
    public string Instruction { get; init; } = "";

    /// <summary>Keeps rows without an answer, to be answered or labelled later; otherwise they are reported and left out.</summary>
    public bool KeepUnanswered { get; init; }

    /// <summary>All fields that rows are made of.</summary>
    internal IEnumerable<string?> Fields =>
        [
            Prompt,
            Input,
            History,
            Response,
            System,
            Text,
            Pair,
            Label,
            Messages,
            Messages is null ? null : Import.MessageReader.Tools,
            Instances,
            Rejected,
            Desired,
            .. Extra,
        ];

    /// <summary>Those that may hold messages.</summary>
    internal IEnumerable<string> MessageFields => new[] { Prompt, Response, Messages, Rejected }.OfType<string>();

    /// <summary>Says what is missing before a file is read by it.</summary>
    /// <exception cref="DataProblemException">A field that the shape needs isn't chosen.</exception>
    public void Check()
    {
        var (field, what) = Shape switch
        {
            DataShape.Label => (Text, "the text"),
            DataShape.PromptCompletion => (Prompt, "the prompt"),
            DataShape.Alpaca => (Prompt, "the instruction"),
            DataShape.Preference => (Response, "the preferred answer"),
            DataShape.Kto => (Messages ?? Prompt, "the messages, or the prompt"),
            _ => (Messages, "the messages"),
        };
        if (string.IsNullOrEmpty(field))
        {
            throw new DataProblemException($"Choose which field holds {what}.");
        }

        if (Shape == DataShape.Preference && (string.IsNullOrEmpty(Response) || string.IsNullOrEmpty(Rejected)))
        {
            throw new DataProblemException("Choose which field holds the preferred answer and which the rejected one.");
        }

        if (Shape == DataShape.Kto && Messages is null && string.IsNullOrEmpty(Response))
        {
            throw new DataProblemException("Choose which field holds the answer.");
        }

        if (Shape == DataShape.Kto && string.IsNullOrEmpty(Desired))
        {
            throw new DataProblemException("Choose which field says whether the answer is wanted.");
        }

        if (KeepUnanswered)
        {
            return;
        }

        if (Shape == DataShape.Label && string.IsNullOrEmpty(Label))
        {
            throw new DataProblemException("Choose which field holds the label, or keep rows without one to label them here.");
        }

        if (Shape is DataShape.PromptCompletion or DataShape.Alpaca && string.IsNullOrEmpty(Response))
        {
            throw new DataProblemException("Choose which field holds the response, or keep rows without one to answer them here.");
        }
    }
}
