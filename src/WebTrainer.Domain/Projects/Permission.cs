namespace WebTrainer.Domain.Projects;

/// <summary>What a person may do in a project; each use case asks for exactly one.</summary>
public enum Permission
{
    /// <summary>See the project's page and the own work in it.</summary>
    Enter,

    /// <summary>See datasets, runs, evaluations and results.</summary>
    ViewResults,
    AnswerItems,
    ReviewItems,
    ManageData,
    ManageLabeling,
    SubmitRuns,
    ControlRuns,
    ApproveRuns,
    Evaluate,
    UseModels,
    ManageKeys,
    SetGoals,
    ManageMembers,
}

public static class RolePermissions
{
    private static readonly Permission[] s_annotator = [Permission.Enter, Permission.AnswerItems];
    private static readonly Permission[] s_reviewer =
    [
        .. s_annotator,
        Permission.ReviewItems,
        Permission.ViewResults,
        Permission.UseModels,
    ];

    private static readonly Permission[] s_engineer =
    [
        Permission.Enter,
        Permission.ViewResults,
        Permission.ManageData,
        Permission.ManageLabeling,
        Permission.SubmitRuns,
        Permission.ControlRuns,
        Permission.Evaluate,
        Permission.UseModels,
        Permission.ManageKeys,
    ];

    private static readonly Permission[] s_lead = Enum.GetValues<Permission>();

    /// <summary>What a role may do. A lead may do all, but never approve the own run (<see cref="Runs.Run.Approve"/>).</summary>
    public static IReadOnlyCollection<Permission> Of(ProjectRole role) =>
        role switch
        {
            ProjectRole.Annotator => s_annotator,
            ProjectRole.Reviewer => s_reviewer,
            ProjectRole.Engineer => s_engineer,
            ProjectRole.Lead => s_lead,
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
        };

    public static bool Allows(this ProjectRole role, Permission permission) => Of(role).Contains(permission);
}
