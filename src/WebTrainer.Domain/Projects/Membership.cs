namespace WebTrainer.Domain.Projects;

/// <summary>What a person is in a project; what each may do is <see cref="RolePermissions.Of"/>'s.</summary>
public enum ProjectRole
{
    /// <summary>Answers the items assigned to them and sees nothing else.</summary>
    Annotator,

    /// <summary>Answers items, decides on those of others, and sees results.</summary>
    Reviewer,

    /// <summary>Works on data, runs and evaluations, and approves nothing.</summary>
    Engineer,

    /// <summary>May do all, but never approve what they submitted themselves.</summary>
    Lead,
}

/// <summary>That a person is in a project, with one role.</summary>
public sealed class Membership
{
    /// <summary>With <see cref="UserId"/> its key.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>With <see cref="ProjectId"/> its key: one role a person and project.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>What the person may do there; see <see cref="RolePermissions"/>.</summary>
    public ProjectRole Role { get; private set; }

    /// <summary>When they joined; a change of the role leaves it as it is.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>The organisation's directory says so; when it no longer does, the membership ends at the next sign-in.</summary>
    public bool FromDirectory { get; private set; }

    /// <summary>The person's part of the project's device time beside others of it who have work.</summary>
    public double ShareWeight { get; private set; } = 1;

    private Membership() { }

    /// <summary>A person joins.</summary>
    /// <param name="projectId">The project that they join.</param>
    /// <param name="userId">One person is in a project once.</param>
    /// <param name="role">What they may do there.</param>
    /// <param name="now">When they join.</param>
    public Membership(Guid projectId, string userId, ProjectRole role, DateTimeOffset now)
    {
        ProjectId = projectId;
        UserId = userId;
        Role = role;
        Since = now;
    }

    /// <summary>The directory says what the person is here.</summary>
    public void FollowDirectory(ProjectRole role)
    {
        Role = role;
        FromDirectory = true;
    }

    /// <summary>Takes effect at once; what the person did in the old role stands. That a lead is left is the caller's to see to.</summary>
    public void ChangeRole(ProjectRole role) => Role = role;

    /// <summary>Sets the person's part of the project's device time.</summary>
    /// <param name="weight">Above 0, at most <see cref="Project.MaxShareWeight"/>.</param>
    /// <exception cref="RuleViolationException">It is out of its bounds.</exception>
    public void SetShare(double weight)
    {
        if (!(weight is > 0 and <= Project.MaxShareWeight))
        {
            throw new RuleViolationException($"A person's weight is a number above 0, at most {Project.MaxShareWeight}.");
        }

        ShareWeight = weight;
    }
}
