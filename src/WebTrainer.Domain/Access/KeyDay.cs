namespace WebTrainer.Domain.Access;

/// <summary>What a key has used on a day of UTC.</summary>
public sealed class KeyDay
{
    /// <summary>The key.</summary>
    public Guid KeyId { get; private set; }

    /// <summary>The day, of UTC.</summary>
    public DateOnly Day { get; private set; }

    /// <summary>Requests that a model was asked by.</summary>
    public long Requests { get; private set; }

    /// <summary>Tokens read and written.</summary>
    public long Tokens { get; private set; }

    private KeyDay() { }

    /// <summary>A day on which nothing was used yet.</summary>
    public KeyDay(Guid keyId, DateOnly day) => (KeyId, Day) = (keyId, day);

    /// <summary>Adds what was used.</summary>
    public void Add(long requests, long tokens) => (Requests, Tokens) = (Requests + requests, Tokens + tokens);
}
