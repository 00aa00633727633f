using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Queue;
using WebTrainer.Models;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Portal.Features.Evaluations.Forgetting;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>An evaluation with its figures, the runs it judged and the goals it is held against.</summary>
/// <param name="Report">Null while it is not done, and where it has a <see cref="Problem"/>.</param>
/// <param name="Runs">Judged runs by the name their adapter has in the report.</param>
public sealed record EvaluationView(
    Evaluation Evaluation,
    EvaluationReport? Report,
    IReadOnlyDictionary<string, Run> Runs,
    string DatasetName,
    Guid DatasetId,
    int VersionNumber
)
{
    /// <summary>Why its figures are not shown though it is done; null where they are.</summary>
    public string? Problem =>
        Evaluation.Report is not null && Report is null
            ? "The figures in the database can't be read: they were damaged there. Evaluate the same runs again; what was answered is kept, so that it takes little time."
            : null;
}

/// <summary>Judges base and tuned models on held-out rows, in a worker.</summary>
public sealed class EvaluationService(
    Authorizer authorizer,
    EvaluateSpecs specs,
    ModelCatalog models,
    RunService runs,
    JobSubmission submission,
    JobControl control,
    ExampleReader examples,
    FileStore files,
    DataFolder data,
    ImportLimits limits
)
{
    /// <summary>Queues an evaluation of finished runs that share base model and data.</summary>
    public async Task<Guid> StartAsync(Caller caller, Guid projectId, EvaluationRequest request, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        request.Check();
        var judged = await work
            .Db.Runs.AsNoTracking()
            .Where(r => r.ProjectId == projectId && request.RunIds.Contains(r.Id))
            .OrderBy(r => r.Number)
            .ToListAsync(cancellationToken);
        if (judged.Count == 0 || judged.Count != request.RunIds.Distinct().Count())
        {
            throw new NotFoundException("One of these runs is not in this project.");
        }

        var (spec, version) = await SpecAsync(work, judged, request, cancellationToken);
        var project = await work.Db.Projects.SingleAsync(p => p.Id == projectId, cancellationToken);
        var evaluation = new Evaluation(
            projectId,
            project.TakeNumber(),
            version,
            request.RunIds,
            spec.ToText(),
            caller.UserId,
            work.Now,
            Guid.CreateVersion7()
        );
        work.Db.Evaluations.Add(evaluation);
        work.Audit(
            "evaluation.started",
            evaluation.Id,
            null,
            new
            {
                evaluation.Number,
                Runs = judged.Select(r => r.Number),
                request.MaxRows,
                Benchmarks = spec.Evaluation!.Benchmarks.Select(b => b.Name),
            }
        );
        await submission.SubmitAsync(evaluation.Job!, spec.ToText(), () => work.SaveAsync(cancellationToken));
        return evaluation.Id;
    }

    /// <summary>Ends an evaluation; what was answered is kept.</summary>
    public async Task StopAsync(Caller caller, Guid projectId, Guid evaluationId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        var evaluation = await FindAsync(work, evaluationId, cancellationToken);
        await control.StopAsync(evaluation.JobId, cancellationToken);
        work.Audit("evaluation.stopped", evaluationId);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Lets an evaluation that failed or was stopped go on behind its last answer.</summary>
    public async Task ResumeAsync(Caller caller, Guid projectId, Guid evaluationId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        var evaluation = await FindAsync(work, evaluationId, cancellationToken);
        await control.ResumeFailedAsync(evaluation.JobId, cancellationToken);
        work.Audit("evaluation.resumed", evaluationId);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Questions of one benchmark with the models' answers.</summary>
    /// <param name="benchmark">Its place in the report.</param>
    /// <param name="differing">Only those that two models answered differently well.</param>
    public async Task<QuestionPage> QuestionsAsync(
        Caller caller,
        Guid projectId,
        Guid evaluationId,
        int benchmark,
        string? category,
        bool differing,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        Guid jobId;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            jobId = (await FindAsync(work, evaluationId, cancellationToken)).JobId;
            await work.NoteReadAsync("evaluation.rows-read", evaluationId, cancellationToken);
        }

        return await examples.QuestionsAsync(jobId, benchmark, category, differing, skip, take, cancellationToken);
    }

    public async Task<IReadOnlyList<EvaluationView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var all = await work
            .Db.Evaluations.AsNoTracking()
            .Include(e => e.Job)
            .Where(e => e.ProjectId == projectId)
            .OrderByDescending(e => e.Number)
            .ToListAsync(cancellationToken);
        return await ViewAsync(work, all, cancellationToken);
    }

    public async Task<EvaluationView> GetAsync(Caller caller, Guid projectId, Guid evaluationId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return (await ViewAsync(work, [await FindAsync(work, evaluationId, cancellationToken)], cancellationToken))[0];
    }

    /// <summary>The newest that has ended with a report; null where none has.</summary>
    public async Task<EvaluationView?> NewestAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var newest = await work
            .Db.Evaluations.AsNoTracking()
            .Where(e => e.ProjectId == projectId && e.Report != null)
            .OrderByDescending(e => e.Number)
            .Select(e => (Guid?)e.Id)
            .FirstOrDefaultAsync(cancellationToken);
        return newest is { } id ? (await ViewAsync(work, [await FindAsync(work, id, cancellationToken)], cancellationToken))[0] : null;
    }

    /// <summary>The newest evaluation with figures that judged this run; null where there is none.</summary>
    public Task<EvaluationView?> NewestOfRunAsync(Caller caller, Guid projectId, Guid runId, CancellationToken cancellationToken) =>
        NewestOfRunsAsync(caller, projectId, [runId], cancellationToken);

    /// <summary>The newest evaluation with figures that judged all of these runs; null where there is none.</summary>
    public async Task<EvaluationView?> NewestOfRunsAsync(
        Caller caller,
        Guid projectId,
        IReadOnlyCollection<Guid> runIds,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        // Who was judged first, without the reports: only one of them is wanted.
        var judged = await work
            .Db.Evaluations.AsNoTracking()
            .Where(e => e.ProjectId == projectId && e.Report != null)
            .OrderByDescending(e => e.Number)
            .Select(e => new { e.Id, e.RunIds })
            .ToListAsync(cancellationToken);
        return judged.FirstOrDefault(e => runIds.All(e.RunIds.Contains)) is { } newest
            ? (await ViewAsync(work, [await FindAsync(work, newest.Id, cancellationToken)], cancellationToken))[0]
            : null;
    }

    /// <summary>The newest evaluation with figures whose runs were tuned from this base; null where there is none.</summary>
    public async Task<EvaluationView?> NewestOfBaseAsync(
        Caller caller,
        Guid projectId,
        string baseModel,
        CancellationToken cancellationToken
    )
    {
        Guid? run;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            var judged = await work
                .Db.Evaluations.AsNoTracking()
                .Where(e => e.ProjectId == projectId && e.Report != null)
                .OrderByDescending(e => e.Number)
                .Select(e => e.RunIds)
                .ToListAsync(cancellationToken);
            var tuned = await work
                .Db.Runs.Where(r => r.ProjectId == projectId && r.BaseModel == baseModel)
                .Select(r => r.Id)
                .ToListAsync(cancellationToken);
            run = judged.SelectMany(ids => ids).Cast<Guid?>().FirstOrDefault(id => tuned.Contains(id!.Value));
        }

        return run is { } id ? await NewestOfRunAsync(caller, projectId, id, cancellationToken) : null;
    }

    public async Task<ExamplePage> ExamplesAsync(
        Caller caller,
        Guid projectId,
        Guid evaluationId,
        string model,
        ExampleFilter filter,
        string? contains,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        Guid jobId;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken))
        {
            jobId = (await FindAsync(work, evaluationId, cancellationToken)).JobId;
            await work.NoteReadAsync("evaluation.rows-read", evaluationId, cancellationToken);
        }

        return await examples.ReadAsync(jobId, model, filter, contains, skip, take, cancellationToken);
    }

    private async Task<(EvaluateSpec Spec, Guid VersionId)> SpecAsync(
        ProjectWork work,
        List<Run> judged,
        EvaluationRequest request,
        CancellationToken cancellationToken
    )
    {
        var versionId = VersionOf(judged, request.DatasetVersionId);
        await CheckNotLearnedAsync(work, judged, versionId, cancellationToken);
        var adapters = judged.Select(r => new NamedAdapter(
            AdapterNames.Of(r),
            runs.AdapterFolder(r) ?? throw new RuleViolationException($"Run {r.Number} has no adapter yet; wait until it has ended.")
        ));
        // What was trained here knows how its rows were read; what was brought in is asked likewise.
        var trained = judged
            .OrderBy(r => r.IsImported)
            .ToList()
            .ConvertAll(r =>
                StoredSpec.TryRead(r.Spec, r.SpecSha256) ?? throw new RuleViolationException($"Run {r.Number}: {StoredSpec.Changed}")
            );
        if (trained.Select(spec => spec.Classifier?.Kind).Distinct().Count() != 1)
        {
            throw new RuleViolationException(
                "These runs say different things: one label, several labels or a number. Choose runs that say the same."
            );
        }

        var model = models.Get(judged[0].BaseModel);
        var version = await work.VersionAsync(versionId, cancellationToken);
        var evaluation = new EvaluationSpec
        {
            Adapters = [.. adapters],
            MaxRows = request.MaxRows,
            Packed = request.Packed,
            Scorers = request.Scorers,
            Performance = request.Performance,
            Benchmarks = await BenchmarksAsync(work, model, request, cancellationToken),
            AnswerCache = data.Answers,
        };
        var spec = specs.Make(model, version, trained, evaluation, request.Device);
        if (spec.Data?.Test is not { Rows: > 0 })
        {
            throw new RuleViolationException("This dataset version has no test rows to judge by. Split it with a test share.");
        }

        return (spec, version.Id);
    }

    /// <summary>The version on whose test rows these are judged.</summary>
    /// <exception cref="RuleViolationException">They have no base in common, or no data and none is named.</exception>
    private static Guid VersionOf(List<Run> judged, Guid? asked)
    {
        if (judged.Select(r => r.BaseModel).Distinct().Count() != 1)
        {
            throw new RuleViolationException("Only runs with the same base model can be judged side by side. Choose such runs.");
        }

        List<Guid> own = [.. judged.Select(r => r.DatasetVersionId).OfType<Guid>().Distinct()];
        return (own, asked) switch
        {
            (_, { } version) => version,
            ([var version], null) => version,
            ([], null) => throw new RuleViolationException(
                "Adapters that were brought in have no data of their own: name the dataset version (datasetVersionId) on whose test rows they are judged."
            ),
            _ => throw new RuleViolationException(
                "These runs learned from different data: name the dataset version (datasetVersionId) on whose test rows all of them are judged."
            ),
        };
    }

    /// <summary>On rows of another version a run may be judged where it learned none of them.</summary>
    private async Task CheckNotLearnedAsync(ProjectWork work, List<Run> judged, Guid versionId, CancellationToken cancellationToken)
    {
        foreach (var run in judged.Where(r => r.DatasetVersionId is { } own && own != versionId).DistinctBy(r => r.DatasetVersionId))
        {
            var judging = await work.VersionAsync(versionId, cancellationToken);
            var learned = await work.VersionAsync(run.DatasetVersionId!.Value, cancellationToken);
            var (shared, all) = await new SharedPrompts(limits).CountAsync(
                files.PathOf(judging.Sha256),
                files.PathOf(learned.Sha256),
                cancellationToken
            );
            if (shared > 0)
            {
                throw new RuleViolationException(
                    $"Run {run.Number} learned {shared} of the {all} test rows of {judging.Dataset!.Name} v{judging.Number}: judged by them it would look better than it is. Take versions whose test rows it didn't learn, as \"Add rows\" makes them."
                );
            }
        }
    }

    private async Task<IReadOnlyList<BenchmarkSpec>> BenchmarksAsync(
        ProjectWork work,
        BaseModel model,
        EvaluationRequest request,
        CancellationToken cancellationToken
    )
    {
        var library = await work
            .Db.BenchmarkFiles.AsNoTracking()
            .Where(b => b.ProjectId == work.ProjectId)
            .ToDictionaryAsync(b => b.Id, cancellationToken);
        List<BenchmarkSpec> all = [.. request.Benchmarks.Select(asked => SpecOf(asked, library))];
        if (ForgettingBenchmarks.Of(model) is { } forgetting && all.All(b => b.Kind != forgetting.Kind))
        {
            all.Insert(0, forgetting);
        }

        return all;
    }

    private BenchmarkSpec SpecOf(BenchmarkRequest asked, Dictionary<Guid, BenchmarkFile> library)
    {
        var file = asked.BenchmarkId is { } id
            ? library.GetValueOrDefault(id) ?? throw new NotFoundException("There is no such benchmark in this project.")
            : null;
        var kind = file is null ? asked.Kind!.Value : Enum.Parse<BenchmarkKind>(file.Kind);
        if (asked.Kind == BenchmarkKind.RedTeam && kind == BenchmarkKind.Refusal)
        {
            kind = BenchmarkKind.RedTeam;
        }
        else if (asked.Kind is { } wanted && wanted != kind)
        {
            throw new RuleViolationException(
                $"{file?.Name} can't be asked as {BenchmarkWords.Title(wanted)}: it is {BenchmarkWords.Title(kind)}."
            );
        }

        return new BenchmarkSpec
        {
            Kind = kind,
            Name = file?.Name ?? BenchmarkWords.Title(kind),
            File = file is null ? null : new DatasetFile(files.PathOf(file.Sha256), file.Sha256, file.Questions),
            Shots = asked.Shots,
            Prompting = asked.Prompting,
            Form = asked.Form,
            MaxQuestions = asked.MaxQuestions,
            Samples = asked.Samples,
            Temperature = asked.Temperature,
            Seed = asked.Seed,
        };
    }

    private static async Task<Evaluation> FindAsync(ProjectWork work, Guid id, CancellationToken cancellationToken) =>
        await work
            .Db.Evaluations.AsNoTracking()
            .Include(e => e.Job)
            .SingleOrDefaultAsync(e => e.Id == id && e.ProjectId == work.ProjectId, cancellationToken)
        ?? throw new NotFoundException("There is no such evaluation in this project.");

    private static async Task<IReadOnlyList<EvaluationView>> ViewAsync(
        ProjectWork work,
        IReadOnlyCollection<Evaluation> evaluations,
        CancellationToken cancellationToken
    )
    {
        var runIds = evaluations.SelectMany(e => e.RunIds).Distinct().ToList();
        var judged = await work.Db.Runs.AsNoTracking().Where(r => runIds.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancellationToken);
        var versions = await work.VersionNamesAsync(evaluations.Select(e => e.DatasetVersionId), cancellationToken);
        return
        [
            .. evaluations.Select(e => new EvaluationView(
                e,
                e.Report is null ? null : StoredReport.TryRead(e.Report),
                e.RunIds.Where(judged.ContainsKey).Select(id => judged[id]).ToDictionary(AdapterNames.Of),
                versions[e.DatasetVersionId].Name,
                versions[e.DatasetVersionId].DatasetId,
                versions[e.DatasetVersionId].Number
            )),
        ];
    }
}
