namespace WebTrainer.Domain.Judging;

/// <summary>Where the model that judges runs.</summary>
public enum JudgeSource
{
    /// <summary>An OpenAI-compatible endpoint.</summary>
    Endpoint,

    /// <summary>A base or tuned model of this server.</summary>
    Local,
}

/// <summary>A model that says which of two answers is better, or how good one is, by a rubric.</summary>
public sealed class Judge
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxAddressLength = 500;

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxModelLength = 200;

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxRubricLength = 20_000;

    /// <summary>Bounds of <see cref="ReplyTokens"/>, both allowed.</summary>
    public const int MinTokens = 8,
        MaxTokens = 8192;

    /// <summary>By which verdicts and work name it; it stays when the judge is changed.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The project whose answers it judges.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Fixed when it is made; decides whether <see cref="Address"/> and <see cref="Secret"/> matter.</summary>
    public JudgeSource Source { get; private set; }

    /// <summary>Where <c>/chat/completions</c> lies; empty for a model of this server.</summary>
    public string Address { get; private set; } = "";

    /// <summary>As the endpoint, or the project, names it.</summary>
    public string Model { get; private set; } = "";

    /// <summary>The endpoint's key, encrypted; null where it needs none. Never shown again.</summary>
    public string? Secret { get; private set; }

    /// <summary>What it judges by, in Markdown.</summary>
    public string Rubric { get; private set; } = "";

    /// <summary>Tokens of a reply at most.</summary>
    public int ReplyTokens { get; private set; }

    /// <summary>Of the reply's sampling, so that the same question has the same reply where the model keeps to it.</summary>
    public long Seed { get; private set; }

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made; a change leaves it as it is.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was taken out of use; what it judged stays.</summary>
    public DateTimeOffset? RetiredAt { get; private set; }

    /// <summary>Grows with each change; two who change a judge at once collide here.</summary>
    public int Revision { get; private set; }

    private Judge() { }

    /// <summary>A judge without a name, model and rubric, which <see cref="Change"/> gives it before it is stored.</summary>
    public Judge(Guid projectId, JudgeSource source, string userId, DateTimeOffset now) =>
        (ProjectId, Source, CreatedBy, CreatedAt) = (projectId, source, userId, now);

    /// <summary>Sets all but the key. A local judge's address is left empty, whatever is given.</summary>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="address">Where <c>/chat/completions</c> lies; not looked at for a model of this server.</param>
    /// <param name="model">As the endpoint, or the project, names it; not blank.</param>
    /// <param name="rubric">What the model is told to judge by.</param>
    /// <param name="replyTokens"><see cref="MinTokens"/> to <see cref="MaxTokens"/>.</param>
    /// <param name="seed">Sent with each question, so that the same is answered alike.</param>
    /// <exception cref="RuleViolationException">It is out of use, or a value is missing, too long or out of range.</exception>
    public void Change(string name, string address, string model, string rubric, int replyTokens, long seed)
    {
        if (RetiredAt is not null)
        {
            throw new RuleViolationException("This judge is out of use. Make a new one.");
        }

        (name, address, model, rubric) = (name.Trim(), address.Trim(), model.Trim(), rubric.Trim());
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A judge's name has 1 to {MaxNameLength} characters.");
        }

        if (model.Length is 0 or > MaxModelLength)
        {
            throw new RuleViolationException($"Name the model that judges, in at most {MaxModelLength} characters.");
        }

        if (address.Length > MaxAddressLength)
        {
            throw new RuleViolationException($"An address has at most {MaxAddressLength} characters.");
        }

        if (rubric.Length is 0 or > MaxRubricLength)
        {
            throw new RuleViolationException($"Write what it shall judge by, in at most {MaxRubricLength} characters.");
        }

        if (replyTokens is < MinTokens or > MaxTokens)
        {
            throw new RuleViolationException($"A reply has {MinTokens} to {MaxTokens} tokens at most.");
        }

        (Name, Address, Model, Rubric, ReplyTokens, Seed) = (
            name,
            Source == JudgeSource.Local ? "" : address,
            model,
            rubric,
            replyTokens,
            seed
        );
        Revision++;
    }

    /// <summary>Takes it out of use, and forgets its key.</summary>
    /// <exception cref="RuleViolationException">It is out of use already.</exception>
    public void Retire(DateTimeOffset now)
    {
        if (RetiredAt is not null)
        {
            throw new RuleViolationException("This judge is out of use already.");
        }

        (RetiredAt, Secret) = (now, null);
        Revision++;
    }

    /// <summary>Sets the endpoint's key; null forgets it.</summary>
    /// <param name="encrypted">Encrypted by the caller: plain text never comes here.</param>
    public void ChangeSecret(string? encrypted)
    {
        Secret = encrypted;
        Revision++;
    }
}
