namespace WebTrainer.Pipeline;

/// <summary>The roles of <see cref="Protocol.ChatMessage"/>.</summary>
public static class ChatRoles
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
}
