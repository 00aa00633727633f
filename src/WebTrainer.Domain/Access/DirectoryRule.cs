using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Access;

/// <summary>
/// What people of a group of the organisation's directory are here: administrators of the server, or something in a project.
/// </summary>
public sealed class DirectoryRule
{
    /// <summary>Characters of <see cref="Claim"/> at most.</summary>
    public const int MaxClaimLength = 100;

    /// <summary>Characters of <see cref="Value"/> at most.</summary>
    public const int MaxValueLength = 300;

    /// <summary>By which pages name it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>Name of the claim that the directory sends, such as <c>groups</c> or <c>roles</c>.</summary>
    public string Claim { get; private set; } = "";

    /// <summary>Its value to the letter: a group's name or id.</summary>
    public string Value { get; private set; } = "";

    /// <summary>The project in which they have <see cref="Role"/>; null for administrators of the server.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>Of no consequence where there is no project.</summary>
    public ProjectRole Role { get; private set; }

    /// <summary>User id of who made it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    private DirectoryRule() { }

    /// <param name="claim">Name of a claim; trimmed.</param>
    /// <param name="value">Its value; trimmed.</param>
    /// <param name="projectId">Null for administrators of the server.</param>
    /// <param name="role">Of no consequence where there is no project.</param>
    /// <param name="createdBy">User id of who makes it.</param>
    /// <param name="now">When it is made.</param>
    /// <exception cref="RuleViolationException">Claim or value are empty or too long.</exception>
    public DirectoryRule(string claim, string value, Guid? projectId, ProjectRole role, string createdBy, DateTimeOffset now)
    {
        (Claim, Value) = (claim.Trim(), value.Trim());
        if (Claim.Length is 0 or > MaxClaimLength)
        {
            throw new RuleViolationException($"The claim's name has 1 to {MaxClaimLength} characters, as “groups” or “roles”.");
        }

        if (Value.Length is 0 or > MaxValueLength)
        {
            throw new RuleViolationException($"The group's name or id has 1 to {MaxValueLength} characters.");
        }

        (ProjectId, Role, CreatedBy, CreatedAt) = (projectId, role, createdBy, now);
    }
}
