using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Features.Finding;

/// <summary>Pages of a project that have no name but their own.</summary>
public static class ProjectPlaces
{
    public static IReadOnlyList<(string Name, string Path, Permission Permission)> All { get; } =
    [
        ("The eight steps", "", Permission.Enter),
        ("Goals", "goals", Permission.ViewResults),
        ("Data", "data", Permission.ViewResults),
        ("Sources", "data/sources", Permission.ManageData),
        ("Environment", "environment", Permission.ViewResults),
        ("Base models", "models", Permission.ViewResults),
        ("Tokens", "tokens", Permission.ViewResults),
        ("New run", "runs/new", Permission.SubmitRuns),
        ("Training runs", "runs", Permission.ViewResults),
        ("Searches", "searches", Permission.ViewResults),
        ("New search", "searches/new", Permission.SubmitRuns),
        ("Compare", "compare", Permission.ViewResults),
        ("Evaluations", "evaluations", Permission.ViewResults),
        ("Benchmarks", "evaluations/benchmarks", Permission.ViewResults),
        ("Judges", "evaluations/judges", Permission.ViewResults),
        ("Playground", "playground", Permission.UseModels),
        ("Deployment", "deploy", Permission.ViewResults),
        ("Label and review", "labels", Permission.Enter),
        ("Members", "members", Permission.Enter),
        ("Audit log", "audit", Permission.ManageMembers),
    ];
}
