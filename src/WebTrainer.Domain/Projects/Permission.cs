namespace WebTrainer.Domain.Projects;

/// <summary>What a person may do in a project; each use case asks for exactly one.</summary>
public enum Permission
{
    /// <summary>See the project's page and the own work in it.</summary>
    Enter,

    /// <summary>See datasets, runs, evaluations and results.</summary>
    ViewResults,

    /// <summary>Answer items of labeling tasks that are assigned to oneself.</summary>
    AnswerItems,

    /// <summary>Decide on items that others answered.</summary>
    ReviewItems,

    /// <summary>Upload, split, clean and publish datasets.</summary>
    ManageData,

    /// <summary>Make labeling tasks and say who works on them.</summary>
    ManageLabeling,

    /// <summary>Hand in runs and searches, which somebody else approves.</summary>
    SubmitRuns,

    /// <summary>Pause, stop and resume jobs.</summary>
    ControlRuns,

    /// <summary>Approve or reject runs and searches of others, and answer for leaks in a dataset version.</summary>
    ApproveRuns,

    /// <summary>Begin evaluations, add benchmarks and set judges to work.</summary>
    Evaluate,

    /// <summary>Ask the project's models something, and fetch what a run has learned.</summary>
    UseModels,

    /// <summary>Make and revoke the project's keys for the model endpoint.</summary>
    ManageKeys,

    /// <summary>Draft and check versions of endpoints, and promote, try and roll back those that were approved.</summary>
    ManageDeployments,

    /// <summary>Approve what goes live, retire endpoints, and say whether what is asked is kept.</summary>
    ApproveDeployments,

    /// <summary>Set, change and remove goals, and set the policy.</summary>
    SetGoals,

    /// <summary>Invite people, change their roles, remove them, and read the audit log.</summary>
    ManageMembers,
}

/// <summary>Which role may do what; the one place where this is said.</summary>
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
        Permission.ManageDeployments,
    ];

    private static readonly Permission[] s_lead = Enum.GetValues<Permission>();

    /// <summary>What a role may do. A lead may do all, but never approve the own run (<see cref="Runs.Run.Approve"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is none of the four roles.</exception>
    public static IReadOnlyCollection<Permission> Of(ProjectRole role) =>
        role switch
        {
            ProjectRole.Annotator => s_annotator,
            ProjectRole.Reviewer => s_reviewer,
            ProjectRole.Engineer => s_engineer,
            ProjectRole.Lead => s_lead,
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
        };

    /// <summary>Whether <see cref="Of"/> names it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such role.</exception>
    public static bool Allows(this ProjectRole role, Permission permission) => Of(role).Contains(permission);
}
