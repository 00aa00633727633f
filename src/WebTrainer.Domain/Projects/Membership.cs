namespace WebTrainer.Domain.Projects;

public enum ProjectRole
{
    Annotator,
    Reviewer,
    Engineer,
    Lead,
}

public sealed class Membership
{
    public Guid ProjectId { get; private set; }
    public string UserId { get; private set; } = "";
    public ProjectRole Role { get; private set; }
    public DateTimeOffset Since { get; private set; }

    private Membership() { }

    public Membership(Guid projectId, string userId, ProjectRole role, DateTimeOffset now)
    {
        ProjectId = projectId;
        UserId = userId;
        Role = role;
        Since = now;
    }

    public void ChangeRole(ProjectRole role) => Role = role;
}
