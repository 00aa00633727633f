using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Policies;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Datasets.Policies;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;
using WebTrainer.Search;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>A search with what people need beside it.</summary>
/// <param name="Spec">Of a search with a <see cref="Problem"/>, settings of nothing.</param>
/// <param name="Trials">As sampler and pruner see them, in order, with their curves.</param>
/// <param name="SpentSeconds">Device time of its trials so far.</param>
public sealed record SearchView(
    SettingSearch Search,
    SearchSpec Spec,
    IReadOnlyList<Trial> Trials,
    double SpentSeconds,
    string DatasetName,
    Guid DatasetId,
    int VersionNumber,
    string SubmittedByName,
    string? DecidedByName
)
{
    public SearchRequest Request => Spec.Request;

    /// <summary>Why its settings are not shown; null where they are.</summary>
    public string? Problem { get; init; }

    /// <summary>The completed trial with the lowest value; null while none is.</summary>
    public Trial? Best => Trials.Where(t => t.State == TrialState.Completed).MinBy(t => t.Value);
}

/// <summary>Searches from submission to their end: approval by a second person, control, and what to do with the best.</summary>
public sealed class SearchService(
    Authorizer authorizer,
    TrainSpecs specs,
    FileStore files,
    RowSubset subsets,
    RunService runs,
    SearchConductor conductor
)
{
    /// <summary>Hands a search in for approval by somebody else.</summary>
    public async Task<Guid> SubmitAsync(Caller caller, Guid projectId, SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.SubmitRuns, cancellationToken);
        request = request with { Run = specs.WithTargets(request.Run) };
        request.Check();
        var version = await work.VersionAsync(request.Run.DatasetVersionId, cancellationToken);
        version.CheckLeaks();
        await CheckPolicyAsync(work, version, request, cancellationToken);
        var id = Guid.CreateVersion7();
        var first = specs.Make(id, request.Run, version); // refuses what the base model can't do
        var data = await DataAsync(request, version, cancellationToken);
        var spec = JsonSerializer.Serialize(
            new SearchSpec(id, request, data) { BaseModelSha256 = first.BaseModelSha256, TeacherSha256 = first.Objective.TeacherSha256 },
            ProtocolJson.Document
        );
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var name = request.Name.Trim() is { Length: > 0 } given
            ? given
            : $"{string.Join(", ", request.Space.Parameters.Select(p => SearchableSetting.Of(p.Name).Label))} on {version.Dataset!.Name}";
        var search = new SettingSearch(
            id,
            projectId,
            project.TakeNumber(),
            name[..Math.Min(name.Length, SettingSearch.MaxNameLength)],
            version.Id,
            request.Run.BaseModel,
            spec,
            JobSpec.Hash(spec),
            caller.UserId,
            work.Now
        );
        work.Db.Searches.Add(search);
        work.Audit(
            "search.submitted",
            id,
            null,
            new
            {
                search.Number,
                search.Name,
                search.SpecSha256,
                request.Trials,
                request.BudgetMinutes,
                request.Sampler,
            }
        );
        await work.SaveAsync(cancellationToken);
        return id;
    }

    /// <summary>Approves the search with this hash, and with it all trials within its bounds; it begins.</summary>
    public async Task ApproveAsync(Caller caller, Guid projectId, Guid searchId, string specSha256, CancellationToken cancellationToken)
    {
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ApproveRuns, cancellationToken))
        {
            var search = await FindAsync(work, searchId, cancellationToken);
            var version = await work.VersionAsync(search.DatasetVersionId, cancellationToken);
            version.CheckLeaks();
            if (SearchConductor.TryRead(search) is { } spec)
            {
                await CheckPolicyAsync(work, version, spec.Request, cancellationToken);
            }

            await ApproveAsync(work, search, specSha256, cancellationToken);
            var inPlaceOf = await work.InPlaceOfAsync(Permission.ApproveRuns, cancellationToken);
            work.Audit(
                "search.approved",
                searchId,
                new { Approval = ApprovalState.Submitted },
                new
                {
                    search.Approval,
                    search.SpecSha256,
                    InPlaceOf = inPlaceOf,
                }
            );
            await work.SaveAsync(cancellationToken);
        }

        conductor.Wake();
    }

    /// <summary>All trials together tell of the rows; and one approval lets all of them run.</summary>
    private static async Task CheckPolicyAsync(
        ProjectWork work,
        DatasetVersion version,
        SearchRequest request,
        CancellationToken cancellationToken
    )
    {
        var privacy = await PrivacyLosses.AskedAsync(
            work,
            version.Id,
            request.Run.Privacy?.Epsilon * request.Trials,
            null,
            cancellationToken
        );
        await work.CheckPolicyAsync(PolicyAct.Run, version, cancellationToken, privacy);
        var cost = await work.CostOfAsync(TimeSpan.FromMinutes(request.BudgetMinutes), cancellationToken);
        if (await work.NeedsTwoApproversAsync(cost, cancellationToken))
        {
            var refusal = new RuleViolationException(
                "The project's policy asks for two approvers of what may cost as much as this, and a search is approved by one for all of its trials. Submit its runs one by one."
            );
            await work.RefuseAsync("policy.refused-run", version.Id, refusal, cancellationToken);
            throw refusal;
        }
    }

    private static async Task ApproveAsync(ProjectWork work, SettingSearch search, string specSha256, CancellationToken cancellationToken)
    {
        try
        {
            if (SearchConductor.TryRead(search) is null)
            {
                throw new RuleViolationException(StoredSpec.Changed);
            }

            await work.CheckApproverAsync(search.SubmittedBy, first: null, cancellationToken);
            search.Approve(work.Caller.UserId, specSha256, work.Now);
        }
        catch (RuleViolationException refusal)
        {
            await work.RefuseAsync("search.approval-refused", search.Id, refusal, cancellationToken);
            throw;
        }
    }

    public Task RejectAsync(Caller caller, Guid projectId, Guid searchId, string reason, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            projectId,
            searchId,
            Permission.ApproveRuns,
            "search.rejected",
            (search, work) => search.Reject(work.Caller.UserId, reason, work.Now),
            cancellationToken
        );

    /// <summary>Trials that run go on; no other begins.</summary>
    public Task PauseAsync(Caller caller, Guid projectId, Guid searchId, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            projectId,
            searchId,
            Permission.ControlRuns,
            "search.paused",
            (search, _) => search.Pause(null),
            cancellationToken
        );

    public Task ContinueAsync(Caller caller, Guid projectId, Guid searchId, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            projectId,
            searchId,
            Permission.ControlRuns,
            "search.continued",
            (search, _) => search.Continue(),
            cancellationToken
        );

    /// <summary>Ends the search and the trials that run.</summary>
    public Task StopAsync(Caller caller, Guid projectId, Guid searchId, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            projectId,
            searchId,
            Permission.ControlRuns,
            "search.stopped",
            (search, work) => search.Stop(work.Now),
            cancellationToken
        );

    public async Task<IReadOnlyList<SearchView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var searches = await WithTrials(work).AsNoTracking().OrderByDescending(s => s.Number).ToListAsync(cancellationToken);
        return await ViewAsync(work, searches, withCurves: false, cancellationToken);
    }

    public async Task<SearchView> GetAsync(Caller caller, Guid projectId, Guid searchId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return (await ViewAsync(work, [await FindAsync(work, searchId, cancellationToken)], withCurves: true, cancellationToken))[0];
    }

    /// <summary>Hands in a run with a trial's settings, on all training rows, for approval by somebody else.</summary>
    public async Task<Guid> RunAgainAsync(Caller caller, Guid projectId, Guid searchId, int trial, CancellationToken cancellationToken)
    {
        var view = await GetAsync(caller, projectId, searchId, cancellationToken);
        var tried =
            view.Trials.FirstOrDefault(t => t.Number == trial) ?? throw new NotFoundException($"The search has no trial {trial + 1}.");
        var name = $"Trial {trial + 1} of search {view.Search.Number}, all rows";
        return await runs.SubmitAsync(caller, projectId, view.Request.Apply(tried.Point) with { Name = name }, cancellationToken);
    }

    private async Task<DatasetFiles> DataAsync(SearchRequest request, DatasetVersion version, CancellationToken cancellationToken)
    {
        var data = PublishedFiles.Of(version, files);
        if (data.Train is not { Rows: > 0 } train)
        {
            throw new RuleViolationException("This dataset version has no rows to learn from.");
        }

        if (data.Validation is not { Rows: > 0 })
        {
            throw new RuleViolationException(
                "A search compares its trials on validation rows, and this dataset version has none. Split it with a validation share."
            );
        }

        if (request.Objective == SearchObjective.Accuracy && data.Labels is null)
        {
            throw new RuleViolationException(
                "Accuracy needs a closed set of labels, which this data does not have. Choose the validation loss."
            );
        }

        return data with
        {
            Train = request.Rows is { } rows ? await subsets.TakeAsync(train, rows, request.Seed, cancellationToken) : train,
            Test = null,
        };
    }

    private async Task ChangeAsync(
        Caller caller,
        Guid projectId,
        Guid searchId,
        Permission permission,
        string action,
        Action<SettingSearch, ProjectWork> change,
        CancellationToken cancellationToken
    )
    {
        await using (var work = await authorizer.OpenAsync(caller, projectId, permission, cancellationToken))
        {
            var search = await FindAsync(work, searchId, cancellationToken);
            var before = new { search.State, search.Approval };
            change(search, work);
            work.Audit(
                action,
                searchId,
                before,
                new
                {
                    search.State,
                    search.Approval,
                    search.DecisionReason,
                }
            );
            await work.SaveAsync(cancellationToken);
        }

        conductor.Wake();
    }

    private static IQueryable<SettingSearch> WithTrials(ProjectWork work) =>
        work.Db.Searches.Include(s => s.Trials).ThenInclude(t => t.Run!.Job!.Uses).Where(s => s.ProjectId == work.ProjectId);

    private static async Task<SettingSearch> FindAsync(ProjectWork work, Guid id, CancellationToken cancellationToken) =>
        await WithTrials(work).SingleOrDefaultAsync(s => s.Id == id, cancellationToken)
        ?? throw new NotFoundException("There is no such search in this project.");

    private static async Task<IReadOnlyList<SearchView>> ViewAsync(
        ProjectWork work,
        IReadOnlyCollection<SettingSearch> searches,
        bool withCurves,
        CancellationToken cancellationToken
    )
    {
        var people = searches.Select(s => s.SubmittedBy).Concat(searches.Select(s => s.DecidedBy).OfType<string>()).Distinct().ToList();
        var names = await work.PeopleNamesAsync(people, cancellationToken);
        var versions = await work.VersionNamesAsync(searches.Select(s => s.DatasetVersionId), cancellationToken);
        var jobs = withCurves ? searches.SelectMany(s => s.Trials).Select(t => t.Run?.JobId).OfType<Guid>().ToList() : [];
        var metrics = (await TrialMetrics.ReadAsync(work.Db, jobs, cancellationToken)).ToLookup(m => m.JobId);
        return
        [
            .. searches.Select(s =>
            {
                var known = SearchConductor.TryRead(s);
                var trials = known is null ? null : Stored.TryRead(() => TrialHistory.Of(known.Request, s.Trials, metrics));
                var spec = known ?? Nothing(s);
                var version = versions[s.DatasetVersionId];
                return new SearchView(
                    s,
                    spec,
                    trials ?? [],
                    DeviceTime.Of(s, work.Now).TotalSeconds,
                    version.Name,
                    version.DatasetId,
                    version.Number,
                    names.GetValueOrDefault(s.SubmittedBy, "somebody"),
                    s.DecidedBy is null ? null : names.GetValueOrDefault(s.DecidedBy, "somebody")
                )
                {
                    Problem =
                        known is null ? StoredSpec.Changed
                        : trials is null ? DamagedTrials
                        : null,
                };
            }),
        ];
    }

    private const string DamagedTrials =
        "The values of its trials can't be read from the database, where they were damaged. The runs of the trials are kept; begin a new search.";

    private static SearchSpec Nothing(SettingSearch search) =>
        new(
            search.Id,
            new SearchRequest
            {
                Run = new RunRequest { DatasetVersionId = search.DatasetVersionId, BaseModel = search.BaseModel },
                Space = new SearchSpace([]),
            },
            new DatasetFiles()
        );
}
