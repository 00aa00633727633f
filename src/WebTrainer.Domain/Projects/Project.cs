namespace WebTrainer.Domain.Projects;

/// <summary>A piece of work with its own people, data, runs and keys; nobody sees a project they are not in.</summary>
public sealed class Project
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>In UTF-16 units, before trimming.</summary>
    public const int MaxDescriptionLength = 2000;

    /// <summary>Of <see cref="ShareWeight"/>.</summary>
    public const double MaxShareWeight = 1000;

    /// <summary>By which all that is in it names it; it stays when the project is renamed.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>In the team's words, trimmed; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>When it was made, with its first lead.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>User id of its first lead.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>Number that the project's next run or evaluation gets; people say "run 12".</summary>
    public int NextNumber { get; private set; } = 1;

    /// <summary>What an hour of a device costs the team, in <see cref="Currency"/>; null while nobody has said.</summary>
    public double? DeviceHourPrice { get; private set; }

    /// <summary>ISO 4217, three capital letters.</summary>
    public string Currency { get; private set; } = "EUR";

    /// <summary>Its part of the devices beside other projects that have work: twice the weight, twice the time.</summary>
    public double ShareWeight { get; private set; } = 1;

    /// <summary>Hours that its jobs may hold devices in a calendar month (UTC); null for as many as there are.</summary>
    public double? MonthlyDeviceHours { get; private set; }

    /// <summary>
    /// Who approves and who submitted are two persons of the directory, whatever accounts they have, and leads are made by administrators.
    /// </summary>
    public bool SeparatesPeople { get; private set; }

    /// <summary>What is asked of data, runs and endpoints before they go on; null for nothing.</summary>
    public Policies.ProjectPolicy? Policy { get; private set; }

    /// <summary>As far as they were read from the database; each person once.</summary>
    public List<Membership> Members { get; } = [];

    /// <summary>As far as they were read from the database.</summary>
    public List<Goal> Goals { get; } = [];

    private Project() { }

    /// <summary>A new project whose creator leads it.</summary>
    public Project(string name, string description, string createdBy, DateTimeOffset now)
    {
        Rename(name, description);
        CreatedBy = createdBy;
        CreatedAt = now;
        Members.Add(new Membership(Id, createdBy, ProjectRole.Lead, now));
    }

    /// <summary>Sets both at once.</summary>
    /// <exception cref="RuleViolationException">The name is empty or too long, or the description too long.</exception>
    public void Rename(string name, string description)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A project's name has 1 to {MaxNameLength} characters.");
        }

        if (description.Length > MaxDescriptionLength)
        {
            throw new RuleViolationException($"A project's description has at most {MaxDescriptionLength} characters.");
        }

        Name = name;
        Description = description.Trim();
    }

    /// <summary>Sets what an hour of a device costs; null takes the price away. The currency is kept in capitals.</summary>
    /// <param name="price">0 or more, or null for none.</param>
    /// <param name="currency">Three letters (ISO 4217).</param>
    /// <exception cref="RuleViolationException">The price is negative or not finite, or the currency has not three letters.</exception>
    public void SetPrice(double? price, string currency)
    {
        if (price is < 0 || (price is { } given && !double.IsFinite(given)))
        {
            throw new RuleViolationException("The price of a device hour is a number of 0 or more.");
        }

        if (currency.Length != 3 || !currency.All(char.IsAsciiLetter))
        {
            throw new RuleViolationException("A currency has three letters, such as EUR.");
        }

        DeviceHourPrice = price;
        Currency = currency.ToUpperInvariant();
    }

    /// <summary>Sets its part of the server's devices.</summary>
    /// <param name="weight">Above 0, at most <see cref="MaxShareWeight"/>.</param>
    /// <param name="monthlyDeviceHours">0 or more; null for no bound.</param>
    /// <exception cref="RuleViolationException">One of them is out of its bounds.</exception>
    public void SetShare(double weight, double? monthlyDeviceHours)
    {
        if (!(weight is > 0 and <= MaxShareWeight))
        {
            throw new RuleViolationException($"A project's weight is a number above 0, at most {MaxShareWeight}.");
        }

        if (monthlyDeviceHours is { } hours && !(hours >= 0 && double.IsFinite(hours)))
        {
            throw new RuleViolationException("Device hours of a month are a number of 0 or more, or nothing for as many as there are.");
        }

        ShareWeight = weight;
        MonthlyDeviceHours = monthlyDeviceHours;
    }

    /// <summary>Turns the rule of <see cref="SeparatesPeople"/> on or off; what was approved before stands.</summary>
    public void SeparatePeople(bool separates) => SeparatesPeople = separates;

    /// <summary>Replaces all rules. What was done before stands; what is done next is judged by these.</summary>
    /// <exception cref="RuleViolationException">A rule can't be.</exception>
    public void SetPolicy(Policies.ProjectPolicy policy)
    {
        policy = policy.Checked();
        Policy = policy.AsksSomething ? policy : null;
    }

    /// <summary>Gives <see cref="NextNumber"/> and counts on. A number given is never given again.</summary>
    public int TakeNumber() => NextNumber++;
}
