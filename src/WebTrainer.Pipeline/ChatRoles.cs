namespace WebTrainer.Pipeline;

/// <summary>The roles of <see cref="Protocol.ChatMessage"/>.</summary>
public static class ChatRoles
{
    /// <summary>What holds for the whole conversation; never learned from.</summary>
    public const string System = "system";

    /// <summary>What is asked.</summary>
    public const string User = "user";

    /// <summary>What a model answers; as the last message it is the row's answer.</summary>
    public const string Assistant = "assistant";
}
