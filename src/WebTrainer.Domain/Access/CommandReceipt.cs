namespace WebTrainer.Domain.Access;

/// <summary>
/// That a person's command with a key of theirs was done, and what came of it: the same key again gives the same result and does nothing.
/// </summary>
public sealed class CommandReceipt
{
    /// <summary>Longer ones are refused: cut, two keys could become one.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>Longer ones are cut, not refused.</summary>
    public const int MaxCommandLength = 200;

    /// <summary>How long a key is remembered. Nobody tries a request again after that.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(2);

    /// <summary>Of the receipt alone; a command is found by its person and key.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>User id of whose key it is.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>The person's own; two people may use the same.</summary>
    public string Key { get; private set; } = "";

    /// <summary>What was asked for; the same key for something else is a mistake.</summary>
    public string Command { get; private set; } = "";

    /// <summary>When the command began; <see cref="KeptFor"/> counts from here.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>It ended well. A receipt without an end was cut off by the end of the server: what came of it is not known.</summary>
    public bool Ended { get; private set; }

    /// <summary>What came of it, as its command writes it; null where it holds a secret, which is never stored.</summary>
    public string? Result { get; private set; }

    private CommandReceipt() { }

    /// <summary>Notes that a command begins; a command longer than <see cref="MaxCommandLength"/> is cut to it.</summary>
    /// <exception cref="RuleViolationException">The key is empty, too long or has control characters.</exception>
    public CommandReceipt(string userId, string key, string command, DateTimeOffset now)
    {
        if (key.Length is 0 or > MaxKeyLength || key.Any(char.IsControl))
        {
            throw new RuleViolationException($"A key has 1 to {MaxKeyLength} characters, none of them a control character.");
        }

        (UserId, Key, At) = (userId, key, now);
        Command = command.Length > MaxCommandLength ? command[..MaxCommandLength] : command;
    }

    /// <summary>Notes that the command was done.</summary>
    /// <param name="result">What the same key gets again; null where it holds a secret.</param>
    public void End(string? result) => (Ended, Result) = (true, result);
}
