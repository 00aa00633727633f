namespace WebTrainer.Domain.Access;

/// <summary>
/// That a person's command with a key of theirs was done, and what came of it: the same key again gives the same result and does nothing.
/// </summary>
public sealed class CommandReceipt
{
    public const int MaxKeyLength = 200;
    public const int MaxCommandLength = 200;

    /// <summary>How long a key is remembered. Nobody tries a request again after that.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(2);

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public string UserId { get; private set; } = "";

    /// <summary>The person's own; two people may use the same.</summary>
    public string Key { get; private set; } = "";

    /// <summary>What was asked for; the same key for something else is a mistake.</summary>
    public string Command { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    /// <summary>It ended well. A receipt without an end was cut off by the end of the server: what came of it is not known.</summary>
    public bool Ended { get; private set; }

    /// <summary>What came of it, as its command writes it; null where it holds a secret, which is never stored.</summary>
    public string? Result { get; private set; }

    private CommandReceipt() { }

    public CommandReceipt(string userId, string key, string command, DateTimeOffset now)
    {
        if (key.Length is 0 or > MaxKeyLength || key.Any(char.IsControl))
        {
            throw new RuleViolationException($"A key has 1 to {MaxKeyLength} characters, none of them a control character.");
        }

        (UserId, Key, At) = (userId, key, now);
        Command = command.Length > MaxCommandLength ? command[..MaxCommandLength] : command;
    }

    public void End(string? result) => (Ended, Result) = (true, result);
}
