namespace WebTrainer.Domain.Notices;

/// <summary>An address that is told of what happens in a project, by a signed POST.</summary>
public sealed class Webhook
{
    /// <summary>Of an address, in UTF-16 units.</summary>
    public const int MaxAddressLength = 2000;

    /// <summary>By which pages and the audit log name it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>With <see cref="Address"/> unique.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>An http or https address without a name and password in it; whether it may be reached is asked when it is.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The key of its signatures, encrypted with the server's keys.</summary>
    public string Secret { get; private set; } = "";

    /// <summary>What it is told by itself; an alert's rule may name it beside.</summary>
    public List<NoticeTopic> Topics { get; private set; } = [];

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    private Webhook() { }

    /// <param name="address">Checked by the caller to be one.</param>
    /// <exception cref="RuleViolationException">The address is too long.</exception>
    public Webhook(Guid projectId, string address, IEnumerable<NoticeTopic> topics, string createdBy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Length > MaxAddressLength)
        {
            throw new RuleViolationException($"An address has at most {MaxAddressLength} characters.");
        }

        (ProjectId, Address, CreatedBy, CreatedAt) = (projectId, address, createdBy, now);
        Tell(topics);
    }

    /// <summary>Replaces what it is told by itself.</summary>
    public void Tell(IEnumerable<NoticeTopic> topics) => Topics = [.. topics.Distinct().Order()];

    /// <summary>Replaces the key; what is sent from now on is signed with it.</summary>
    /// <param name="secret">Encrypted.</param>
    public void SignWith(string secret) => Secret = secret;
}
