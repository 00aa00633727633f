using WebTrainer.Domain.Policies;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Compliance.Checklists;

namespace WebTrainer.Portal.Features.Compliance;

/// <summary>The rules of a project as a program sends them.</summary>
/// <param name="Licenses">Allowed licences; none for any.</param>
/// <param name="Agreement">Krippendorff's α at least.</param>
/// <param name="Epsilon">ε of all runs on a version together at most.</param>
/// <param name="TwoApproversAbove">Cost of a run above which two approve, in the project's currency.</param>
/// <param name="SelfApprovedBelow">Cost below which a run of data and method that a person approved before needs nobody's approval.</param>
public sealed record PolicyForm(
    IReadOnlyList<string>? Licenses = null,
    bool NoPersonalData = false,
    bool LeaksAnswered = false,
    double? Agreement = null,
    double? Epsilon = null,
    bool TwoApprovers = false,
    int? RetentionDays = null,
    bool AttestedNode = false,
    double? TwoApproversAbove = null,
    double? SelfApprovedBelow = null
)
{
    public ProjectPolicy Policy =>
        new()
        {
            Licenses = Licenses ?? [],
            NoPersonalData = NoPersonalData,
            LeaksAnswered = LeaksAnswered,
            Agreement = Agreement,
            Epsilon = Epsilon,
            TwoApprovers = TwoApprovers,
            RetentionDays = RetentionDays,
            AttestedNode = AttestedNode,
            TwoApproversAbove = TwoApproversAbove,
            SelfApprovedBelow = SelfApprovedBelow,
        };
}

/// <summary><c>/api/v1/projects/{projectId}/policy</c> and <c>…/checklists</c>.</summary>
public static class PoliciesApi
{
    public static void MapPoliciesApi(this IEndpointRouteBuilder api)
    {
        var project = api.MapGroup("/projects/{projectId:guid}").WithTags("Compliance");
        project
            .MapGet(
                "/policy",
                async (Guid projectId, PolicyService service, HttpContext http, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await service.GetAsync(Caller.From(http.User), projectId, cancellationToken))
            )
            .WithSummary("What the project asks of data, runs and endpoints before they go on");
        project
            .MapPut(
                "/policy",
                async (Guid projectId, PolicyForm form, PolicyService service, HttpContext http, CancellationToken cancellationToken) =>
                {
                    var caller = Caller.From(http.User);
                    await service.SetAsync(caller, projectId, form.Policy, cancellationToken);
                    return TypedResults.Ok(await service.GetAsync(caller, projectId, cancellationToken));
                }
            )
            .WithSummary("Replace all rules; a rule that is left out asks nothing");
        project
            .MapGet(
                "/checklists",
                async (
                    Guid projectId,
                    ChecklistService service,
                    HttpContext http,
                    CancellationToken cancellationToken,
                    Guid? runId = null
                ) =>
                    TypedResults.Ok(
                        runId is { } run
                            ? await service.OfRunAsync(Caller.From(http.User), projectId, run, cancellationToken)
                            : await service.OfProjectAsync(Caller.From(http.User), projectId, cancellationToken)
                    )
            )
            .WithSummary("GDPR, HIPAA de-identification and EU AI Act: which points facts meet, which need a person, which fail");
    }
}
