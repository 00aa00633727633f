using System.Text.RegularExpressions;

namespace WebTrainer.Domain.Labels;

/// <summary>How a rule of thumb decides; its body is read by this.</summary>
public enum LabelFunctionKind
{
    /// <summary>The text holds one of the words, whatever their case.</summary>
    Keyword,

    /// <summary>The text matches a regular expression.</summary>
    Pattern,

    /// <summary>An SQL condition on the columns of a row.</summary>
    Sql,

    /// <summary>The text, or one of its words, stands in a list.</summary>
    Lookup,

    /// <summary>A model of the project answers with the label's name.</summary>
    Prompt,
}

/// <summary>A rule of thumb that gives a label or abstains.</summary>
/// <param name="Name">How the page names it.</param>
/// <param name="Kind">How the body is read.</param>
/// <param name="Body">Words one a line, a regular expression, an SQL condition, a list one a line, or a prompt with <c>{text}</c>.</param>
/// <param name="Label">What it votes for when it holds; for a <see cref="LabelFunctionKind.Prompt"/> the label is what the model
/// answers.</param>
/// <param name="Model">Which model answers a prompt.</param>
public sealed record LabelFunction(string Name, LabelFunctionKind Kind, string Body, string Label, string? Model = null)
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxBodyLength = 100_000;

    /// <summary>The body's lines, trimmed, without empty ones: the words of a keyword rule or of a list.</summary>
    public IReadOnlyList<string> Lines => Body.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Checks it before it is stored.</summary>
    /// <param name="labels">Those of the set; all kinds but a prompt vote for one of them.</param>
    /// <exception cref="RuleViolationException">Name or body is missing or too long, the label is unknown, a prompt lacks its model or
    /// <c>{text}</c>, or a pattern can't run in linear time.</exception>
    public void Check(IReadOnlyList<string> labels)
    {
        if (Name.Trim().Length is 0 or > 100)
        {
            throw new RuleViolationException("A labelling function's name has 1 to 100 characters.");
        }

        if (Body.Trim().Length is 0 or > MaxBodyLength)
        {
            throw new RuleViolationException($"'{Name}' says nothing yet, or more than {MaxBodyLength} characters.");
        }

        if (Kind != LabelFunctionKind.Prompt && !labels.Contains(Label))
        {
            throw new RuleViolationException($"'{Name}' votes for '{Label}', which is none of the labels.");
        }

        if (Kind == LabelFunctionKind.Prompt && (Model is null || !Body.Contains("{text}", StringComparison.Ordinal)))
        {
            throw new RuleViolationException($"'{Name}' needs a model, and a prompt with {{text}} where the row's text goes.");
        }

        if (Kind == LabelFunctionKind.Pattern)
        {
            CheckPattern();
        }
    }

    private void CheckPattern()
    {
        try
        {
            _ = new Regex(Body.Trim(), RegexOptions.NonBacktracking, TimeSpan.FromSeconds(1));
        }
        catch (Exception ex) when (ex is ArgumentException or NotSupportedException)
        {
            throw new RuleViolationException($"'{Name}' is no regular expression that runs in linear time: {ex.Message}");
        }
    }
}

/// <summary>Labels for a dataset version made by rules of thumb instead of people.</summary>
public sealed class WeakLabeling
{
    /// <summary>Of one set.</summary>
    public const int MaxFunctions = 100;

    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Stands for functions whose stored text can't be read: no function is without a name.</summary>
    public static List<LabelFunction> DamagedFunctions => [new("", LabelFunctionKind.Keyword, "", "")];

    /// <summary>Why nothing can be done with it; null where all is well.</summary>
    public string? Problem =>
        Functions is [{ Name: "" }] || Balance.Count != Labels.Count
            ? "The functions or the labels' frequencies can't be read from the database, where they were damaged. What is stored is left as it is; begin another set."
            : null;

    /// <summary>By which addresses and versions made of it name it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The dataset version's project, kept here too: by it is decided who may see the set.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The version whose rows are labelled.</summary>
    public Guid DatasetVersionId { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>2 to 20, trimmed and each once; fixed when it is made.</summary>
    public List<string> Labels { get; private set; } = [];

    /// <summary>How frequent each label is thought to be, in the labels' order; they sum to 1.</summary>
    public List<double> Balance { get; private set; } = [];

    /// <summary>With different names; see <see cref="DamagedFunctions"/> for those that can't be read.</summary>
    public List<LabelFunction> Functions { get; private set; } = [];

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made; a change leaves it as it is.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Grows with each change; two who edit at once collide here.</summary>
    public int Revision { get; private set; }

    private WeakLabeling() { }

    /// <summary>A set without functions, in which all labels are equally frequent.</summary>
    /// <param name="projectId">The version's project.</param>
    /// <param name="datasetVersionId">The version whose rows are labelled.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="labels">Blank ones and doubles are left out.</param>
    /// <param name="createdBy">User id of who makes it.</param>
    /// <param name="now">When it is made.</param>
    /// <exception cref="RuleViolationException">The name is empty or too long, or there are not 2 to 20 labels.</exception>
    public WeakLabeling(
        Guid projectId,
        Guid datasetVersionId,
        string name,
        IEnumerable<string> labels,
        string createdBy,
        DateTimeOffset now
    )
    {
        (ProjectId, DatasetVersionId, Name, CreatedBy, CreatedAt) = (projectId, datasetVersionId, name.Trim(), createdBy, now);
        Labels = [.. labels.Select(l => l.Trim()).Where(l => l.Length > 0).Distinct()];
        if (Name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A name has 1 to {MaxNameLength} characters.");
        }

        if (Labels.Count is < 2 or > 20)
        {
            throw new RuleViolationException("Weak labels need 2 to 20 different labels.");
        }

        Balance = [.. Labels.Select(_ => 1.0 / Labels.Count)];
    }

    /// <summary>Replaces the functions and the labels' frequencies.</summary>
    /// <param name="functions">At most <see cref="MaxFunctions"/>, with different names.</param>
    /// <param name="balance">One for each label in their order: above 0, below 1, summing to 1 within 1e-6.</param>
    /// <exception cref="RuleViolationException">There are too many functions, two have one name, one can't be used, or the frequencies
    /// don't hold.</exception>
    public void Change(IReadOnlyList<LabelFunction> functions, IReadOnlyList<double> balance)
    {
        if (functions.Count > MaxFunctions)
        {
            throw new RuleViolationException($"At most {MaxFunctions} labelling functions.");
        }

        if (functions.Select(f => f.Name).Distinct().Count() != functions.Count)
        {
            throw new RuleViolationException("Each labelling function needs a name of its own.");
        }

        foreach (var function in functions)
        {
            function.Check(Labels);
        }

        if (balance.Count != Labels.Count || balance.Any(b => b is not (> 0 and < 1)) || Math.Abs(balance.Sum() - 1) > 1e-6)
        {
            throw new RuleViolationException("How frequent the labels are must be shares above 0 that sum to 1.");
        }

        Functions = [.. functions];
        Balance = [.. balance];
        Revision++;
    }
}
