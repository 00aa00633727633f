namespace WebTrainer.Protocol;

/// <summary>How messages become the text that the model sees. <c>{content}</c> stands for the message.</summary>
public sealed record PromptTemplate
{
    /// <summary>Around a message that says how to answer.</summary>
    public string System { get; init; } = "<|system|>{content}";

    /// <summary>Around a person's message.</summary>
    public string User { get; init; } = "<|user|>{content}";

    /// <summary>What stands before an answer; the loss mask opens after it.</summary>
    public string AssistantPrefix { get; init; } = "<|assistant|>";

    /// <summary>What ends an answer; learned, so that the model knows when to stop.</summary>
    public string AssistantSuffix { get; init; } = "<|end|>";

    /// <summary>Marks of this program's own, which its small base has tokens for.</summary>
    public static PromptTemplate Chat { get; } = new();

    /// <summary>For models without a template and without tokens for marks: plain lines, and the end that the tokenizer has.</summary>
    public static PromptTemplate Headings { get; } =
        new()
        {
            System = "{content}\n\n",
            User = "### User:\n{content}\n\n",
            AssistantPrefix = "### Assistant:\n",
            AssistantSuffix = "",
        };
}
